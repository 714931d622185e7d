import { createBff, generateEncryptionKey } from '@bff/core'
import { expect, test } from 'vitest'
import { memoryStore } from '../../store-memory/src/index.ts'
import { manualClock, withOutage } from '../src/index.ts'

test('A BFF that is made while its store is down gives the store its clock all the same [AT-05]', async () => {
  const store = withOutage(memoryStore())
  const clock = manualClock()
  store.down = true
  createBff({
    origin: 'https://app.example.com',
    store,
    encryptionKeys: [generateEncryptionKey()],
    clock,
    onEvent: () => {},
  })
  await expect(store.ttl.get('key')).rejects.toMatchObject({ code: 'store_unavailable' })
  store.down = false
  await store.ttl.set('key', 'value', 60_000)
  expect(await store.ttl.get('key')).toBe('value')
  clock.jump(60_000)
  expect(await store.ttl.get('key')).toBe(null)
})
