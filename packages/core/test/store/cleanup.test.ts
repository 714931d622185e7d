import { manualClock } from '@bff/test-support/clock'
import { expect, test } from 'vitest'
import { memoryStore } from '../../../store-memory/src/index.ts'
import { BffError, type BffEvent, createBff, generateEncryptionKey } from '../../src/index.ts'
import { withCleanup } from '../../src/store/index.ts'

const MINUTE = 60_000

/** Stores whose sessions live a minute, and a BFF to make them with. */
function cleaned(options: Parameters<typeof withCleanup>[1] = {}) {
  const clock = manualClock()
  const plain = memoryStore({ clock })
  const events: BffEvent[] = []
  const store = withCleanup(plain, { jitter: 0, clock, onEvent: (event) => events.push(event), ...options })
  const bff = createBff({
    origin: 'https://app.example.com',
    store,
    encryptionKeys: [generateEncryptionKey()],
    session: { idleTimeoutMs: MINUTE },
    clock,
    onEvent: () => {},
  })
  return { clock, plain, store, bff, events }
}

test('expired sessions leave at the interval, in batches, until none is left [S0-10, S2-9]', async () => {
  const { clock, plain, bff, events } = cleaned({ batch: 10 })
  for (let user = 0; user < 35; user++) await bff.sessions.create({ userId: `user-${user}` })
  const limits: number[] = []
  const { cleanup } = plain.sessions
  plain.sessions.cleanup = (run) => {
    limits.push(run.limit)
    return cleanup.call(plain.sessions, run)
  }
  await clock.advance(5 * MINUTE - 1)
  expect(plain.count()).toBe(35)
  await clock.advance(1)
  await clock.settle()
  expect(plain.count()).toBe(0)
  expect(limits).toEqual([10, 10, 10, 10])
  expect(events).toEqual([expect.objectContaining({ type: 'cleanup.done', deleted: 35 })])
})

test('revoked sessions stay for their retention [S3-26]', async () => {
  const { clock, plain, bff } = cleaned({ retainRevokedMs: 10 * MINUTE })
  const { session } = await bff.sessions.create({ userId: 'alice' })
  await bff.sessions.revoke(session.handle)
  await clock.advance(5 * MINUTE)
  expect(plain.count()).toBe(1)
  await clock.advance(10 * MINUTE)
  expect(plain.count()).toBe(0)
})

test('a run that fails is reported and tried again; a sink that throws ends nothing', async () => {
  const failures: string[] = []
  const { clock, plain, bff } = cleaned({
    onEvent: ({ type }) => {
      failures.push(type)
      throw new Error('sink down')
    },
  })
  await bff.sessions.create({ userId: 'alice' })
  const { cleanup } = plain.sessions
  plain.sessions.cleanup = async () => {
    throw new BffError('store_unavailable')
  }
  await clock.advance(5 * MINUTE)
  plain.sessions.cleanup = cleanup
  await clock.advance(5 * MINUTE)
  expect([failures, plain.count()]).toEqual([['cleanup.failed', 'cleanup.done'], 0])
})

test('close stops the background work, also in the middle of a run, and closes the store once [S0-13]', async () => {
  const { clock, plain, store, bff } = cleaned({ batch: 1 })
  for (let user = 0; user < 5; user++) await bff.sessions.create({ userId: `user-${user}` })
  await bff.close()
  await store.sessions.close()
  expect(clock.sleepers).toBe(0)
  await clock.advance(10 * MINUTE)
  expect(plain.count()).toBe(5)
})

test('many instances on one store clean up together', async () => {
  const clock = manualClock()
  const plain = memoryStore({ clock })
  const stores = [1, 2, 3].map(() => withCleanup(plain, { batch: 5, clock }))
  const bff = createBff({
    origin: 'https://app.example.com',
    store: plain,
    encryptionKeys: [generateEncryptionKey()],
    session: { idleTimeoutMs: MINUTE },
    clock,
    onEvent: () => {},
  })
  for (let user = 0; user < 40; user++) await bff.sessions.create({ userId: `user-${user}` })
  await clock.advance(6 * MINUTE + 1)
  await clock.settle()
  expect(plain.count()).toBe(0)
  await Promise.all(stores.map(({ sessions }) => sessions.close()))
})

test.each([
  [{ intervalMs: 10 }, /intervalMs must be a number from 1000/],
  [{ batch: 0 }, /batch/],
  [{ jitter: 2 }, /jitter/],
  [{ interval: 5 }, /Unknown option interval of withCleanup/],
])('%j is a clear configuration error', (options, message) => {
  expect(() => withCleanup(memoryStore(), options as object)).toThrow(
    expect.objectContaining({ code: 'invalid_config', message: expect.stringMatching(message) }),
  )
})
