import { createBff, generateEncryptionKey } from '@bff/core'
import { manualClock } from '@bff/test-support/clock'
import { expect, onTestFinished, test } from 'vitest'
import { sqliteStore } from '../src/drivers/better-sqlite3.ts'
import { sqliteFile } from './sqlite.ts'

const MINUTE = 60_000

function openStore() {
  const file = sqliteFile()
  const store = sqliteStore({ path: file.path })
  onTestFinished(async () => {
    await store.sessions.close()
    file.remove()
  })
  return store
}

const bffOn = (store: ReturnType<typeof openStore>, clock: ReturnType<typeof manualClock>) =>
  createBff({
    origin: 'https://app.example.com',
    store,
    encryptionKeys: [generateEncryptionKey()],
    clock,
    onEvent: () => {},
  })

test('Short-lived values expire by the clock of the first BFF that uses the store [AT-01, AT-03]', async () => {
  const store = openStore()
  const [clock, later] = [manualClock(), manualClock()]
  bffOn(store, clock)
  bffOn(store, later)
  await store.ttl.set('key', 'value', MINUTE)
  later.jump(2 * MINUTE)
  expect(await store.ttl.get('key')).toBe('value')
  clock.jump(MINUTE)
  expect(await store.ttl.get('key')).toBe(null)
})
