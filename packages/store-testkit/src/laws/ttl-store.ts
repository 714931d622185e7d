import assert from 'node:assert/strict'
import { type Clock, systemClock } from '@bff/core'
import { everyTtlCall, failsSilently } from '../calls.ts'
import { DAY, HOSTILE, HOUR, MINUTE, refuses, SIMILAR, same, session } from '../fixtures.ts'
import { type LawsOptions, lawsOf } from '../harness.ts'
import { ttlHistoryLaws } from './histories.ts'

/** Registers one test per law of the `TtlStore` contract (TS). */
export function ttlStoreLaws(options: LawsOptions): void {
  const law = lawsOf(options)
  ttlHistoryLaws(law)

  law(
    'TS-01 get returns what set stored until its life has passed, then null',
    async ({ stores: { ttl }, advance }) => {
      assert.equal(await ttl.get('key'), null)
      await ttl.set('key', 'value', 10 * MINUTE)
      await ttl.set('longer', 'value', HOUR)
      assert.equal(await ttl.get('key'), 'value')
      await advance(9 * MINUTE)
      assert.equal(await ttl.get('key'), 'value')
      await advance(MINUTE)
      assert.equal(await ttl.get('key'), null)
      assert.equal(await ttl.get('longer'), 'value')
    },
  )

  law('TS-01 lives end when they should, to a fraction of a second', async ({ stores: { ttl }, advance }) => {
    // The clock of a backend may run on by itself while the law waits for its answers.
    const margin = 400
    for (const life of [1, 1500, 30_000, 59_000]) {
      await ttl.set(`life ${life}`, 'value', life)
      if (life > margin) {
        await advance(life - margin)
        assert.equal(await ttl.get(`life ${life}`), 'value', `a life of ${life} ms ended too early`)
      }
      await advance(Math.min(life, margin))
      assert.equal(await ttl.get(`life ${life}`), null, `a life of ${life} ms did not end`)
    }
  })

  law('TS-02 set replaces value and life', async ({ stores: { ttl }, advance }) => {
    await ttl.set('longer', 'old', MINUTE)
    await ttl.set('longer', 'new', HOUR)
    await ttl.set('shorter', 'old', HOUR)
    await ttl.set('shorter', 'new', MINUTE)
    assert.equal(await ttl.get('longer'), 'new')
    assert.equal(await ttl.get('shorter'), 'new')
    await advance(2 * MINUTE)
    assert.equal(await ttl.get('longer'), 'new')
    assert.equal(await ttl.get('shorter'), null)
  })

  law('TS-11 a durable set replaces value and life as any other', async ({ stores: { ttl }, advance }) => {
    await ttl.set('key', 'living', MINUTE)
    await ttl.set('key', 'over', HOUR, { durable: true })
    await ttl.set('key', 'over', HOUR, { durable: true })
    await advance(2 * MINUTE)
    assert.equal(await ttl.get('key'), 'over')
    assert.equal(await ttl.setIfAbsent('key', 'other', MINUTE), false)
    await advance(HOUR)
    assert.equal(await ttl.get('key'), null)
  })

  law(
    'TS-03 setIfAbsent stores only where nothing lives; one of many callers wins',
    async ({ stores: { ttl }, advance }) => {
      assert.equal(await ttl.setIfAbsent('key', 'first', MINUTE), true)
      assert.equal(await ttl.setIfAbsent('key', 'second', HOUR), false)
      assert.equal(await ttl.get('key'), 'first')
      await advance(MINUTE)
      assert.equal(await ttl.setIfAbsent('key', 'third', MINUTE), true)
      await ttl.take('key')
      assert.equal(await ttl.setIfAbsent('key', 'fourth', MINUTE), true)

      const winners = await race((caller) => ttl.setIfAbsent('raced', `caller ${caller}`, MINUTE))
      assert.equal(winners.length, 1)
      assert.equal(await ttl.get('raced'), `caller ${winners[0]?.caller}`)
    },
  )

  law(
    'TS-04 take reads and deletes in one step, for one of many callers',
    async ({ stores: { ttl }, advance }) => {
      assert.equal(await ttl.take('key'), null)
      await ttl.set('key', 'value', MINUTE)
      const winners = await race(() => ttl.take('key'))
      same(
        winners.map((winner) => winner.answer),
        ['value'],
      )
      assert.equal(await ttl.get('key'), null)
      await ttl.set('dead', 'value', MINUTE)
      await advance(MINUTE)
      assert.equal(await ttl.take('dead'), null)
    },
  )

  law(
    'TS-05 extend renews the life only while the key still holds that value',
    async ({ stores: { ttl }, advance }) => {
      await ttl.set('lease', 'holder', MINUTE)
      assert.equal(await ttl.extend('lease', 'other', HOUR), false)
      assert.equal(await ttl.extend('unknown', 'holder', HOUR), false)
      assert.equal(await ttl.get('unknown'), null)
      assert.equal(await ttl.extend('lease', 'holder', HOUR), true)
      await advance(50 * MINUTE)
      assert.equal(await ttl.get('lease'), 'holder')
      assert.equal(await ttl.extend('lease', 'holder', MINUTE), true)
      await advance(MINUTE)
      assert.equal(await ttl.extend('lease', 'holder', HOUR), false)
      assert.equal(await ttl.get('lease'), null)
    },
  )

  law(
    'TS-06 compareAndDelete deletes only while the key still holds that value',
    async ({ stores: { ttl }, advance }) => {
      await ttl.set('lease', 'holder', MINUTE)
      assert.equal(await ttl.compareAndDelete('lease', 'other'), false)
      assert.equal(await ttl.compareAndDelete('unknown', 'holder'), false)
      assert.equal(await ttl.get('lease'), 'holder')
      const winners = await race(() => ttl.compareAndDelete('lease', 'holder'))
      assert.equal(winners.length, 1)
      assert.equal(await ttl.get('lease'), null)
      await ttl.set('lease', 'holder', MINUTE)
      await advance(MINUTE)
      assert.equal(await ttl.compareAndDelete('lease', 'holder'), false)
    },
  )

  law(
    'TS-07 a life of 400 days is kept; one not above zero throws invalid_argument',
    async ({ stores: { ttl }, advance }) => {
      await ttl.set('month', 'value', 30 * DAY)
      await ttl.set('year', 'value', 400 * DAY)
      await advance(29 * DAY)
      await ttl.set('another', 'value', MINUTE)
      assert.equal(await ttl.get('month'), 'value')
      await advance(370 * DAY)
      assert.equal(await ttl.get('month'), null)
      assert.equal(await ttl.get('year'), 'value')
      await advance(DAY)
      assert.equal(await ttl.get('year'), null)

      await ttl.set('key', 'value', MINUTE)
      for (const life of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
        await refuses('invalid_argument', () => ttl.set('key', 'other', life), `set ${life}`)
        await refuses('invalid_argument', () => ttl.setIfAbsent('new', 'value', life), `setIfAbsent ${life}`)
        await refuses('invalid_argument', () => ttl.extend('key', 'value', life), `extend ${life}`)
      }
      assert.equal(await ttl.get('key'), 'value')
      assert.equal(await ttl.get('new'), null)
    },
  )

  law(
    'TS-12 a clock that is attached after a value was stored changes no lifetime',
    async ({ stores: { sessions, ttl, events }, advance }) => {
      await ttl.set('key', 'value', HOUR)
      for (const far of [-400 * DAY, 400 * DAY]) {
        const later: Clock = { ...systemClock, now: () => Date.now() + far, monotonic: () => far }
        for (const part of [sessions, ttl, events]) part.attach?.({ clock: later, emit: () => {} })
        assert.equal(await ttl.get('key'), 'value')
        assert.equal(await ttl.setIfAbsent('key', 'other', HOUR), false)
        assert.equal(await ttl.extend('key', 'value', 2 * HOUR), true)
      }
      await advance(HOUR)
      assert.equal(await ttl.get('key'), 'value')
      await advance(HOUR)
      assert.equal(await ttl.get('key'), null)
    },
  )

  law('TS-08 hostile keys and values are plain data', async ({ stores: { ttl, sessions }, now, peek }) => {
    const record = session(now())
    await sessions.create(record)
    const keys = [...HOSTILE, record.handle, `session:${record.handle}`, record.userId]
    const values = new Map(keys.map((key, index) => [key, `${keys.at(-index)}${index}`]))
    for (const [key, value] of values) assert.equal(await ttl.setIfAbsent(key, value, HOUR), true, key)
    for (const [key, value] of values) assert.equal(await ttl.get(key), value, key)
    for (const [key, value] of values) assert.equal(await ttl.take(key), value, key)
    for (const key of keys) assert.equal(await ttl.get(key), null, key)
    same(await peek(record.handle), record)
    await ttl.set('large', 'x'.repeat(64_000), HOUR)
    await ttl.set('empty', '', HOUR)
    assert.equal(await ttl.get('large'), 'x'.repeat(64_000))
    assert.equal(await ttl.get('empty'), '')
    assert.equal(await ttl.setIfAbsent('empty', 'value', HOUR), false)
    assert.equal(await ttl.take('empty'), '')
  })

  law('TS-08 keys that are only similar hold values of their own', async ({ stores: { ttl } }) => {
    const keys = [...SIMILAR.flat(), `${'k'.repeat(600)}1`, `${'k'.repeat(600)}2`]
    for (const key of keys) assert.equal(await ttl.setIfAbsent(key, `value of ${key}`, HOUR), true, key)
    for (const key of keys) assert.equal(await ttl.get(key), `value of ${key}`, key)
    for (const key of keys) assert.equal(await ttl.take(key), `value of ${key}`, key)
  })

  law('TS-09 a fault throws store_unavailable without key or value in its message', async (open) => {
    const { ttl, sessions } = open.stores
    await ttl.set('some-key', 'some-value', HOUR)
    await (open.breakConnection ?? sessions.close.bind(sessions))()
    const secrets = ['some-key', 'some-value']
    for (const [name, call] of everyTtlCall(open, 'some-key', 'some-value'))
      await failsSilently(name, call, secrets)
  })
}

/** Twenty callers at once; returns those that got something. */
async function race<T>(call: (caller: number) => Promise<T>): Promise<{ caller: number; answer: T }[]> {
  const answers = await Promise.all(Array.from({ length: 20 }, (_, caller) => call(caller)))
  return answers.map((answer, caller) => ({ caller, answer })).filter(({ answer }) => Boolean(answer))
}
