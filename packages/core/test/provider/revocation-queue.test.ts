import { manualClock } from '@bff/test-support/clock'
import { expect, test } from 'vitest'
import type { BffEventDetail } from '../../src/contracts/events.ts'
import type { RevocationRequest } from '../../src/contracts/identity-provider.ts'
import { BffError } from '../../src/internal/bff-error.ts'
import {
  createRevocationQueue,
  MAX_CONCURRENT,
  MAX_QUEUED,
  SHARED_PAUSE_MS,
} from '../../src/revocation/revocation-queue.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND

function queueWorld() {
  const clock = manualClock()
  const events: BffEventDetail[] = []
  const sent: string[] = []
  const provider = {
    /** Throw from here to make a revocation fail. */
    answer: async (_request: RevocationRequest): Promise<void> => {},
    async revoke(request: RevocationRequest) {
      sent.push(request.token)
      await provider.answer(request)
    },
  }
  const queue = createRevocationQueue({ provider, clock, emit: (event) => events.push(event) })
  const add = (token: string, isWanted = async () => true, mayBeShared = false) =>
    queue.add({
      userId: 'alice',
      request: { issuer: null, token, hint: 'refresh_token', dpopKeyPair: null },
      mayBeShared,
      isWanted,
    })
  const dropped = () => events.flatMap((event) => (event.type === 'revocation.dropped' ? [event.reason] : []))
  return { clock, events, sent, provider, queue, add, dropped }
}

const unavailable = async (): Promise<never> => {
  throw new BffError('provider_unavailable')
}

/** A provider that answers when the test says so. */
function held() {
  const waiting: Array<() => void> = []
  return { answer: () => new Promise<void>((resolve) => waiting.push(resolve)), waiting }
}

test('sends four at once, whatever is waiting, and the rest as they are answered', async () => {
  const { clock, add, sent, provider } = queueWorld()
  const { answer, waiting } = held()
  provider.answer = answer
  for (let index = 0; index < 50; index++) add(`t${index}`)
  await clock.settle()
  expect([sent.length, MAX_CONCURRENT]).toEqual([4, 4])
  for (let answered = 1; answered <= 46; answered++) {
    waiting.shift()?.()
    await clock.settle()
    expect([sent.length, waiting.length]).toEqual([4 + answered, 4])
  }
})

test('tries again what met an outage, one at a time and ever more seldom, until the provider is back', async () => {
  const { clock, add, sent, provider, dropped } = queueWorld()
  provider.answer = unavailable
  for (let index = 0; index < 20; index++) add(`t${index}`)
  await clock.settle()
  expect(sent).toHaveLength(4)
  const attempts = async (ms: number) => {
    const before = sent.length
    await clock.advance(ms)
    return sent.length - before
  }
  expect([await attempts(SECOND), await attempts(2 * SECOND), await attempts(4 * SECOND)]).toEqual([1, 1, 1])
  expect(await attempts(30 * MINUTE)).toBeLessThanOrEqual(34)

  provider.answer = async () => {}
  sent.length = 0
  await clock.advance(MINUTE)
  expect([...sent].sort()).toEqual(Array.from({ length: 20 }, (_, index) => `t${index}`).sort())
  expect(dropped()).toEqual([])
})

test('waits as long as the provider asks for with Retry-After, a minute at most', async () => {
  const { clock, add, sent, provider } = queueWorld()
  provider.answer = async () => {
    throw new BffError('provider_unavailable', undefined, { retryAfter: sent.length === 1 ? 30 : 3_600 })
  }
  add('t')
  await clock.advance(30 * SECOND - 1)
  expect(sent).toHaveLength(1)
  await clock.advance(1)
  expect(sent).toHaveLength(2)
  await clock.advance(MINUTE)
  expect(sent).toHaveLength(3)
})

test('gives a token up after about an hour of failures, and says so', async () => {
  const { clock, add, sent, provider, dropped } = queueWorld()
  provider.answer = unavailable
  add('t')
  await clock.advance(55 * MINUTE)
  expect(dropped()).toEqual([])
  await clock.advance(10 * MINUTE)
  expect(dropped()).toEqual(['gave_up'])
  const attempts = sent.length
  await clock.advance(60 * MINUTE)
  expect(sent).toHaveLength(attempts)
})

test('does not try again what the provider refused for good, and goes on with the others', async () => {
  const { clock, add, sent, provider, dropped, events } = queueWorld()
  provider.answer = async ({ token }) => {
    if (token === 'bad') throw new BffError('provider_misconfigured')
  }
  for (const token of ['bad', 'good', 'better']) add(token)
  await clock.settle()
  await clock.advance(60 * MINUTE)
  expect([sent, dropped()]).toEqual([['bad', 'good', 'better'], ['refused']])
  expect(events).toContainEqual(
    expect.objectContaining({ type: 'provider.failed', code: 'provider_misconfigured' }),
  )
})

test('an error that is none of ours is passing', async () => {
  const { clock, add, sent, provider } = queueWorld()
  provider.answer = async () => {
    if (sent.length === 1) throw new TypeError('fetch failed')
  }
  add('t')
  await clock.advance(SECOND)
  expect(sent).toEqual(['t', 't'])
})

test('gives a provider that never answers ten seconds, and aborts the call', async () => {
  const { clock, add, sent, provider, events } = queueWorld()
  const aborted: boolean[] = []
  provider.answer = ({ signal }) =>
    new Promise(() => signal?.addEventListener('abort', () => aborted.push(signal.aborted)))
  for (let index = 0; index < 5; index++) add(`t${index}`)
  await clock.advance(10 * SECOND - 1)
  expect([sent.length, aborted.length]).toEqual([4, 0])
  await clock.advance(1)
  expect(aborted).toHaveLength(4)
  expect(events).toContainEqual(
    expect.objectContaining({ type: 'provider.failed', code: 'provider_unavailable' }),
  )
  await clock.advance(SECOND)
  expect(sent).toHaveLength(5)
})

test('asks before each attempt whether it is still wanted; a store that cannot say is asked again', async () => {
  const { clock, add, sent, provider, events } = queueWorld()
  provider.answer = unavailable
  let answers: Array<() => boolean> = []
  add('t', async () => (answers.shift() ?? (() => true))())
  await clock.settle()
  expect(sent).toHaveLength(1)
  answers = [
    () => {
      throw new BffError('store_unavailable')
    },
    () => false,
  ]
  await clock.advance(60 * MINUTE)
  expect([sent.length, answers.length]).toEqual([1, 0])
  expect(events).toContainEqual(expect.objectContaining({ type: 'store.unavailable', operation: 'revoke' }))
})

test('gives a sign-in that may share the grant five seconds, and asks only then whether the token is still wanted', async () => {
  const { clock, add, sent } = queueWorld()
  const asked: string[] = []
  const ask = (token: string, isWanted: boolean) => async () => {
    asked.push(token)
    return isWanted
  }
  add('first', ask('first', true), true)
  await clock.advance(2 * SECOND)
  add('second', ask('second', false), true)
  add('third', ask('third', true), true)
  add('own', ask('own', true))
  await clock.settle()
  expect([SHARED_PAUSE_MS, asked, sent]).toEqual([5 * SECOND, ['own'], ['own']])
  await clock.advance(3 * SECOND - 1)
  expect(asked).toEqual(['own'])
  await clock.advance(1)
  expect([asked, sent]).toEqual([
    ['own', 'first'],
    ['own', 'first'],
  ])
  await clock.advance(2 * SECOND)
  expect([asked.slice(2), sent.slice(2), clock.sleepers]).toEqual([['second', 'third'], ['third'], 0])
  add('later', ask('later', true), true)
  await clock.advance(5 * SECOND)
  expect(sent.slice(3)).toEqual(['later'])
})

test('closing sends at once what waits for a sign-in, after asking', async () => {
  const { clock, add, sent, queue } = queueWorld()
  add('wanted', async () => true, true)
  add('unwanted', async () => false, true)
  const before = clock.now()
  await queue.close()
  expect([sent, clock.now(), clock.sleepers]).toEqual([['wanted'], before, 0])
})

test('what waits for a sign-in counts among the ten thousand', async () => {
  const { add, dropped } = queueWorld()
  for (let index = 0; index < MAX_QUEUED + 1; index++) add(`t${index}`, async () => true, true)
  expect(dropped()).toEqual(['queue_full'])
})

test('holds ten thousand; what comes then is dropped with an event', async () => {
  const { clock, add, provider, dropped } = queueWorld()
  provider.answer = () => new Promise(() => {})
  for (let index = 0; index < MAX_QUEUED + MAX_CONCURRENT + 3; index++) add(`t${index}`)
  await clock.settle()
  expect([MAX_QUEUED, dropped()]).toEqual([10_000, ['queue_full', 'queue_full', 'queue_full']])
})

test('closing sends what is left, also what waits for a provider to come back', async () => {
  const { clock, add, sent, provider, queue, dropped } = queueWorld()
  provider.answer = unavailable
  for (let index = 0; index < 6; index++) add(`t${index}`)
  await clock.settle()
  provider.answer = async () => {}
  sent.length = 0
  const before = clock.now()
  await queue.close()
  expect([sent.length, dropped(), clock.now()]).toEqual([6, [], before])
})

test('closing drops at once what a provider that is away will not hear, and tells of each', async () => {
  const { clock, add, provider, queue, dropped } = queueWorld()
  provider.answer = unavailable
  for (let index = 0; index < 6; index++) add(`t${index}`)
  await clock.settle()
  const before = clock.now()
  await queue.close()
  expect([dropped().length, new Set(dropped()), clock.now(), clock.sleepers]).toEqual([
    6,
    new Set(['closed']),
    before,
    0,
  ])
})

test('closing waits five seconds for a provider that hangs, and no longer', async () => {
  const { clock, add, provider, queue, dropped } = queueWorld()
  provider.answer = () => new Promise(() => {})
  for (let index = 0; index < 6; index++) add(`t${index}`)
  let isClosed = false
  const closing = queue.close().then(() => {
    isClosed = true
  })
  await clock.advance(5 * SECOND - 1)
  expect(isClosed).toBe(false)
  await clock.advance(1)
  await closing
  expect([dropped().length, new Set(dropped()), clock.sleepers]).toEqual([6, new Set(['closed']), 0])
})

test('closed, it takes nothing more; closing again is quick', async () => {
  const { add, sent, queue, dropped } = queueWorld()
  await queue.close()
  add('t')
  await queue.close()
  expect([sent, dropped()]).toEqual([[], ['closed']])
})
