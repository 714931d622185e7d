import type { BffEvent } from '@bff/core'
import { browserHint } from './certificate.ts'
import { endOnSignal } from './end-on-signal.ts'
import { portsOf } from './ports.ts'
import {
  apiFailureOf,
  certificateOf,
  encryptionKeyOf,
  idpOptionsOf,
  storeOf,
  walletKeyOf,
} from './settings.ts'
import { startStack } from './stack.ts'
import { orExplain } from './start-error.ts'

const say = (line: string) => process.stdout.write(`${line}\n`)

await orExplain(async () => {
  const { env } = process
  const ports = portsOf(env)
  const certificate = certificateOf(process.argv.slice(2))
  const apiFailure = apiFailureOf(env)
  const running: Array<{ close(): Promise<void> }> = []
  const close = async () => {
    for (const part of running.splice(0).reverse()) await part.close()
  }
  endOnSignal(close)
  try {
    const store = await storeOf(env)
    running.push(store)
    const encryptionKey = encryptionKeyOf(env)
    say(`  encryption key   ${encryptionKey.place}`)
    say(`  sessions         ${store.place}`)
    const stack = await startStack({
      ports,
      certificate,
      store: store.stores,
      encryptionKey: encryptionKey.key,
      walletKey: walletKeyOf(env),
      idp: idpOptionsOf(env),
      apiFailure,
      onProgress: say,
      onEvent: narrate,
    })
    running.push(stack)
    if (certificate !== undefined) say(browserHint(certificate, stack.demo.origin))
    say(`ready ${stack.demo.origin}`)
  } catch (error) {
    await close()
    throw error
  }
})

/** What happens to sessions, for whoever watches the terminal. */
function narrate(event: BffEvent): void {
  const about = 'userId' in event ? event.userId : 'code' in event ? event.code : ''
  const time = new Date(event.at).toTimeString().slice(0, 8)
  say(`  ${time}  ${event.type}  ${event.type === 'config.insecure' ? event.message : about}`.trimEnd())
}
