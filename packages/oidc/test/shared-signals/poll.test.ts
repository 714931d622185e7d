import { memoryStore } from '@bff/store-memory'
import { expect, test } from 'vitest'
import { ACCESS_TOKEN, inTime, receiver, SSF, transmitter, turns } from './transmitter.ts'

const POLL = { delivery: 'poll', accessToken: ACCESS_TOKEN } as const

test('Of two processes one polls, and the other takes over when it is gone', async () => {
  const from = await transmitter()
  const store = memoryStore()
  const sessions = Object.assign(Object.create(store.sessions), { close: async () => {} })
  const first = receiver(from, POLL, { store: { ...store, sessions } })
  await inTime(from.clock, () => from.requestsTo('POST /poll').length > 0)
  const second = receiver(from, POLL, { store })
  const polls = () => from.requestsTo('POST /poll').length
  await from.clock.advance(2_000)
  await turns(500)
  const before = polls()
  for (let round = 0; round < 3; round++) {
    await from.clock.advance(2_000)
    await turns(500)
  }
  expect(polls() - before).toBe(3)
  await first.bff.close()
  const session = await second.session()
  from.offer(await from.set())
  await inTime(from.clock, () => from.acknowledged.length === 1)
  expect(await second.isActive(session)).toBe(false)
  await second.bff.close()
})

test('More than one response holds is fetched at once, in responses of fifty', async () => {
  const from = await transmitter()
  const { bff, typesOf } = receiver(from, POLL)
  await inTime(from.clock, () => from.requestsTo('POST /poll').length > 0)
  for (let one = 0; one < 60; one++) from.offer(await from.event(`${SSF}verification`, {}))
  await inTime(from.clock, () => from.acknowledged.length >= 60)
  expect(
    typesOf('signal.stream').filter((event) => 'status' in event && event.status === 'verified'),
  ).toHaveLength(60)
  expect(from.requestsTo('POST /poll').every(({ body }) => body['maxEvents'] === 50)).toBe(true)
  await bff.close()
})

test('A token whose effect could not be stored is neither acknowledged nor refused', async () => {
  const from = await transmitter()
  let fails = true
  const { bff, typesOf } = receiver(from, {
    ...POLL,
    onSignal: () => {
      if (fails) throw new Error('Not now.')
      return undefined
    },
  })
  from.offer(await from.set())
  await inTime(from.clock, () => typesOf('signal.failed').length >= 2)
  expect([from.acknowledged, from.refused]).toEqual([[], {}])
  fails = false
  await inTime(from.clock, () => from.acknowledged.length === 1)
  await bff.close()
})

test('A transmitter that fails is asked again, less and less often, and nothing is lost', async () => {
  const from = await transmitter()
  const { bff, typesOf } = receiver(from, POLL)
  await inTime(from.clock, () => from.requestsTo('POST /poll').length > 0)
  const down = () => new Response('', { status: 502 })
  from.instead.set(
    'POST /poll',
    Array.from({ length: 3 }, () => down),
  )
  from.offer(await from.set())
  await inTime(from.clock, () => from.acknowledged.length === 1)
  expect(typesOf('signal.failed').length).toBeGreaterThanOrEqual(3)
  expect(typesOf('signal.failed')[0]).toMatchObject({ operation: 'poll' })
  await bff.close()
})

test('A stream that was deleted at the transmitter is made again', async () => {
  const from = await transmitter()
  const { bff } = receiver(from, POLL)
  await inTime(from.clock, () => from.requestsTo('POST /poll').length > 0)
  from.streams.clear()
  from.instead.set('POST /poll', [() => new Response('', { status: 404 })])
  await inTime(from.clock, () => from.streams.size === 1)
  expect(from.requestsTo('POST /streams')).toHaveLength(2)
  await bff.close()
})

test('After close nothing is asked any more, and no timer is left', async () => {
  const from = await transmitter()
  const { bff } = receiver(from, POLL)
  await inTime(from.clock, () => from.requestsTo('POST /poll').length > 0)
  await bff.close()
  const before = from.asked.length
  await from.clock.advance(600_000)
  expect([from.asked.length, from.clock.sleepers]).toEqual([before, 0])
})

test('A newer access token is used when the transmitter refuses the first one', async () => {
  const from = await transmitter()
  from.instead.set('GET /streams', [() => new Response('', { status: 401 })])
  const tokens = ['old', 'new']
  const { bff, typesOf } = receiver(from, {
    ...POLL,
    accessToken: async ({ rejected }) => ({
      accessToken: rejected === null ? (tokens[0] ?? '') : (tokens[1] ?? ''),
      dpopKeyPair: null,
    }),
  })
  await inTime(from.clock, () => from.requestsTo('POST /poll').length > 0)
  const sent = from.requestsTo('GET /streams').map(({ authorization }) => authorization)
  expect(sent.slice(0, 2)).toEqual(['Bearer old', 'Bearer new'])
  expect(typesOf('signal.failed')).toEqual([])
  await bff.close()
})
