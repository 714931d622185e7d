import type { BffEvent } from '@bff/core'
import { endOnSignal } from './end-on-signal.ts'
import { portsOf } from './ports.ts'
import { startStack } from './stack.ts'
import { orExplain } from './start-error.ts'
import { openStore } from './stores.ts'

const say = (line: string) => process.stdout.write(`${line}\n`)

await orExplain(async () => {
  const storeName = process.env['DEMO_STORE'] ?? 'memory'
  const ports = portsOf(process.env)
  const store = openStore(storeName)
  const encryptionKey = process.env['DEMO_ENCRYPTION_KEY']

  say(
    encryptionKey === undefined
      ? '  encryption key   made for this start; DEMO_ENCRYPTION_KEY brings your own'
      : '  encryption key   from DEMO_ENCRYPTION_KEY',
  )
  say(`  sessions         in the ${storeName} store`)
  const stack = await startStack({
    ports,
    store,
    ...(encryptionKey === undefined ? {} : { encryptionKey }),
    onProgress: say,
    onEvent: narrate,
  })
  endOnSignal(stack.close)
  say(`ready ${stack.demo.origin}`)
})

/** What happens to sessions, for whoever watches the terminal. */
function narrate(event: BffEvent): void {
  const about = 'userId' in event ? event.userId : 'code' in event ? event.code : ''
  const time = new Date(event.at).toTimeString().slice(0, 8)
  say(`  ${time}  ${event.type}  ${event.type === 'config.insecure' ? event.message : about}`.trimEnd())
}
