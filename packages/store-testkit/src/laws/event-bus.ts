import assert from 'node:assert/strict'
import type { BffEvent, EventBus, Topic } from '@bff/core'
import { HOSTILE, handle, same } from '../fixtures.ts'
import { type LawsOptions, lawsOf } from '../harness.ts'

/** Registers one test per law of the `EventBus` contract (EB). */
export function eventBusLaws(options: LawsOptions): void {
  const law = lawsOf(options)

  law(
    'EB-01 a published event reaches every subscriber of its topic, in order',
    async ({ stores: { events } }) => {
      const first = await listen(events, 'session.refreshed')
      const second = await listen(events, 'session.refreshed')
      const published = Array.from({ length: 50 }, (_, index) => refreshed(`user${index}`, index))
      for (const event of published) await events.publish('session.refreshed', event)
      for (const listener of [first, second]) {
        await listener.has(50)
        same(listener.seen, published)
      }
    },
  )

  law('EB-02 a subscriber of another topic does not see it', async ({ stores: { events } }) => {
    const expired = await listen(events, 'session.expired')
    const refreshes = await listen(events, 'session.refreshed')
    await events.publish('session.refreshed', refreshed('user'))
    await events.publish('session.expired', { type: 'session.expired', limit: 'idle', ...ABOUT, at: 1 })
    await Promise.all([expired.has(1), refreshes.has(1)])
    same(
      expired.seen.map((event) => event.type),
      ['session.expired'],
    )
    same(
      refreshes.seen.map((event) => event.type),
      ['session.refreshed'],
    )
  })

  law(
    'EB-03 after unsubscribe resolves the handler is not called any more',
    async ({ stores: { events } }) => {
      const leaving = await listen(events, 'session.refreshed')
      const staying = await listen(events, 'session.refreshed')
      await events.publish('session.refreshed', refreshed('before'))
      await Promise.all([leaving.has(1), staying.has(1)])
      await leaving.unsubscribe()
      await leaving.unsubscribe()
      await events.publish('session.refreshed', refreshed('after'))
      await staying.has(2)
      assert.equal(leaving.seen.length, 1)

      const again = await listen(events, 'session.refreshed')
      await events.publish('session.refreshed', refreshed('again'))
      await Promise.all([again.has(1), staying.has(3)])
      same([leaving.seen.length, again.seen.length], [1, 1])
      await Promise.all([staying.unsubscribe(), again.unsubscribe()])
      await events.publish('session.refreshed', refreshed('nobody listens'))
    },
  )

  law(
    'EB-04 a handler that throws or rejects harms neither publisher nor others, and hears the next event',
    async ({ stores: { events } }) => {
      const throwing = await listen(events, 'session.refreshed', () => {
        throw new Error('a handler throws')
      })
      const rejecting = await listen(events, 'session.refreshed', () =>
        Promise.reject(new Error('a handler rejects')),
      )
      const listener = await listen(events, 'session.refreshed')
      await events.publish('session.refreshed', refreshed('one'))
      await events.publish('session.refreshed', refreshed('two'))
      await listener.has(2)
      same(
        listener.seen.map((event) => 'userId' in event && event.userId),
        ['one', 'two'],
      )
      await Promise.all([throwing.has(2), rejecting.has(2)])
    },
  )

  law(
    'EB-05 events arrive as equal plain data; changing one changes no other',
    async ({ stores: { events } }) => {
      const spoiling = await events.subscribe('session.refreshed', (event) => {
        Reflect.set(event, 'userId', 'spoiled')
      })
      const listener = await listen(events, 'session.refreshed')
      const published = HOSTILE.map((userId, index) => refreshed(userId, index))
      const expected = structuredClone(published)
      for (const event of published) {
        await events.publish('session.refreshed', event)
        Reflect.set(event, 'userId', 'spoiled by its publisher')
      }
      await listener.has(expected.length)
      same(listener.seen, expected)
      await spoiling()
    },
  )
}

const ABOUT = { handle: handle('session'), userId: 'user' }

function refreshed(userId: string, at = 1): BffEvent {
  return { type: 'session.refreshed', handle: handle('session'), userId, at }
}

/** How long a law waits for events, in milliseconds. */
const PATIENCE_MS = 5_000

/** Collects what arrives; `has(n)` resolves once that many events came, and rejects when they do not come. */
async function listen(events: EventBus, topic: Topic, then: () => unknown = () => {}) {
  const seen: BffEvent[] = []
  let wake = (): void => {}
  const handler = (event: BffEvent): unknown => {
    seen.push(event)
    wake()
    return then()
  }
  const unsubscribe = await events.subscribe(topic, handler)
  const has = (length: number) =>
    new Promise<void>((resolve, reject) => {
      const late = () =>
        reject(new Error(`${seen.length} of ${length} events came within ${PATIENCE_MS} ms.`))
      const timer = setTimeout(late, PATIENCE_MS)
      wake = () => {
        if (seen.length < length) return
        clearTimeout(timer)
        resolve()
      }
      wake()
    })
  return { seen, has, unsubscribe }
}
