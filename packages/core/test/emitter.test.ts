import { manualClock } from '@bff/test-support/clock'
import { expect, test } from 'vitest'
import type { BffEvent, SessionHandle } from '../src/index.ts'
import { createEmitter } from '../src/internal/emitter.ts'
import { forLog } from '../src/internal/for-log.ts'
import { inProcessEventBus } from '../src/store/index.ts'

const handle = 'AAAAAAAAAAAAAAAA' as SessionHandle

test('events with a topic cross the bus, all others stay in the process [LOG-04]', async () => {
  const bus = inProcessEventBus()
  const published: string[] = []
  const publish = bus.publish
  bus.publish = (topic, event) => {
    published.push(topic)
    return publish(topic, event)
  }
  const { emit } = createEmitter(manualClock(), bus, () => {})
  const about = { handle, userId: 'alice' }
  emit({ type: 'auth.logout', by: 'local', ...about })
  emit({ type: 'session.created', ...about })
  emit({ type: 'session.revoked', reasonCode: 'logout', actorType: 'user', ...about })
  emit({ type: 'session.refreshed', ...about })
  emit({ type: 'session.expired', limit: 'idle', ...about })
  emit({ type: 'session.rotated', ...about })
  emit({ type: 'session.unknown' })
  emit({ type: 'login.started' })
  expect(published).toEqual([
    'auth.logout',
    'session.created',
    'session.revoked',
    'session.refreshed',
    'session.expired',
  ])
})

test('The sink and the bus get one event with one time', () => {
  const bus = inProcessEventBus()
  const seen: BffEvent[] = []
  bus.publish = async (_, event) => void seen.push(event)
  let now = 0
  const clock = { ...manualClock(), now: () => now++ }
  createEmitter(clock, bus, (event) => seen.push(event)).emit({
    type: 'session.created',
    handle,
    userId: 'alice',
  })
  expect(seen).toHaveLength(2)
  expect(seen[1]).toEqual(seen[0])
})

test('a sink that fails later, as an async function does, does not end the process [LOG-05]', async () => {
  const unhandled: unknown[] = []
  const note = (reason: unknown) => unhandled.push(reason)
  process.on('unhandledRejection', note)
  try {
    const { emit } = createEmitter(manualClock(), inProcessEventBus(), async () => {
      throw new Error('sink down')
    })
    emit({ type: 'login.started' })
    // Node reports what nobody handles after all promises of this turn.
    await new Promise((resolve) => setImmediate(resolve))
  } finally {
    process.off('unhandledRejection', note)
  }
  expect(unhandled).toEqual([])
})

test('a sink that throws and a bus that fails harm nobody; bus failures are counted [LOG-05]', async () => {
  const clock = manualClock()
  const events: BffEvent[] = []
  const bus = inProcessEventBus()
  bus.publish = async () => {
    throw new Error('bus down')
  }
  const { emit } = createEmitter(clock, bus, (event) => {
    events.push(event)
    throw new Error('sink down')
  })
  emit({ type: 'session.created', handle, userId: 'alice' })
  emit({ type: 'session.created', handle, userId: 'alice' })
  await clock.settle()
  expect(events.filter(({ type }) => type === 'bus.failed')).toMatchObject([{ failures: 1 }, { failures: 2 }])
})

test('text from outside is cut and cannot forge a line or turn its direction [LOG-03]', () => {
  expect(forLog('a\r\nb\u001b[31m\u202e')).toBe('a\\u000d\\u000ab\\u001b[31m\\u202e')
  expect(forLog('x'.repeat(5_000))).toHaveLength(1024)
})
