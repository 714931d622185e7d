import type { BffEvent, Stores } from '@bff/core'
import { startService } from './service.ts'
import { encryptionKeyOf, settingsOf, signingKeysOf } from './settings.ts'
import { StartError } from './start-error.ts'
import { openStore } from './store.ts'

const say = (line: string) => process.stdout.write(`${line}\n`)

let store: Stores | null = null
try {
  const { env } = process
  const settings = settingsOf(env)
  const signingKeys = await signingKeysOf(env, settings)
  const encryptionKey = encryptionKeyOf(env, settings)
  store = await openStore(settings)
  say(`  tokens  denied in ${settings.redisUrl === null ? `SQLite in ${settings.folder}` : 'Redis'}`)
  const service = await startService({ settings, store, signingKeys, encryptionKey, onEvent: narrate })
  endOnSignal(service.close)
  say(`ready ${service.origin}`)
} catch (error) {
  await store?.sessions.close()
  const isForPeople = error instanceof StartError || (error instanceof Error && error.name === 'BffError')
  if (!isForPeople) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}

/** What happens, for whoever watches the terminal. */
function narrate(event: BffEvent): void {
  const about =
    'userId' in event
      ? event.userId
      : 'reason' in event
        ? event.reason
        : 'message' in event
          ? event.message
          : ''
  say(`  ${new Date(event.at).toISOString()}  ${event.type}  ${about}`.trimEnd())
}

/** Ends in good order when asked to; at once when asked again. */
function endOnSignal(close: () => Promise<void>): void {
  let ending = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      if (ending) process.exit(1)
      ending = true
      close().then(
        () => process.exit(0),
        () => process.exit(1),
      )
    })
}
