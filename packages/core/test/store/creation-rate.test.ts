import { manualClock } from '@bff/test-support/clock'
import { expect, test } from 'vitest'
import { memoryStore } from '../../../store-memory/src/index.ts'
import { type BffEvent, createBff, generateEncryptionKey } from '../../src/index.ts'
import { withCreationRate } from '../../src/store/index.ts'

const MINUTE = 60_000

function watched(max: number, sink: (event: BffEvent) => void = () => {}) {
  const clock = manualClock()
  const events: BffEvent[] = []
  const onEvent = (event: BffEvent) => {
    events.push(event)
    sink(event)
  }
  const store = withCreationRate(memoryStore({ clock }), { max, onEvent, clock })
  const encryptionKeys = [generateEncryptionKey()]
  const bff = createBff({ origin: 'https://app.example', store, encryptionKeys, clock, onEvent: () => {} })
  const signIn = async (times = 1) => {
    for (let step = 0; step < times; step++) await bff.sessions.create({ userId: 'alice' })
  }
  return { clock, events, store, signIn }
}

test('more sessions than max within the window are a surge, told once in a window [S0-25]', async () => {
  const { clock, events, signIn } = watched(5)
  await signIn(5)
  expect(events).toEqual([])
  await signIn()
  expect(events).toEqual([{ type: 'session.surge', max: 5, windowMs: MINUTE, at: clock.now() }])
  await signIn(20)
  expect(events).toHaveLength(1)
  await clock.advance(MINUTE)
  await signIn(5)
  expect(events).toHaveLength(1)
  await signIn()
  expect(events).toHaveLength(2)
})

test('the window slides: a steady pace is none, two halves of a burst are [S0-25]', async () => {
  const { clock, events, signIn } = watched(6)
  for (let step = 0; step < 30; step++) {
    await signIn()
    await clock.advance(MINUTE / 6)
  }
  expect(events).toEqual([])
  await clock.advance(MINUTE)
  await signIn(4)
  await clock.advance(MINUTE / 2)
  await signIn(4)
  expect(events).toHaveLength(1)
})

test('a sink that throws, or a session that was not stored, breaks and counts nothing [LOG-05]', async () => {
  const { events, store, signIn } = watched(1, () => {
    throw new Error('sink down')
  })
  await signIn(2)
  expect(events).toHaveLength(1)
  const [record] = (await store.sessions.list({ userId: 'alice' })).records
  const calm = watched(1)
  if (record !== undefined) await calm.store.sessions.create(record)
  for (let step = 0; step < 3; step++) {
    const again = record && calm.store.sessions.create(record)
    await expect(again).rejects.toMatchObject({ code: 'session_conflict' })
  }
  expect(calm.events).toEqual([])
})

test.each([
  [{ max: 0 }, /max must be/],
  [{ max: 1.5 }, /max must be/],
  [{ windowMs: 10 }, /windowMs must be/],
  [{ onEvent: 'console' }, /onEvent must be/],
  [{ limit: 5 }, /Unknown option limit/],
])('a wrong option is invalid_config: %j', (options, message) => {
  const given = { onEvent: () => {}, ...options } as { onEvent: () => void }
  expect(() => withCreationRate(memoryStore(), given)).toThrow(message)
})
