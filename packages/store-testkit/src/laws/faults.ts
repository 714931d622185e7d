import assert from 'node:assert/strict'
import type { SessionHandle, SessionRecord } from '@bff/core'
import { WIPED } from '@bff/core/store'
import { everySessionCall, everyTtlCall, failsSilently, secretsOf } from '../calls.ts'
import type { FaultHarness, FaultyStores } from '../faults/harness.ts'
import { cutOff, dropped, killed, type Outage, paused, recovery } from '../faults/outage.ts'
import { eventually, inTime } from '../faults/patience.ts'
import { fullSession, HOUR, handle, revocation, same, session } from '../fixtures.ts'
import { type Law, type LawsOptions, lawsOf } from '../harness.ts'
import { faultHistoryLaws, lostAnswerLaw } from './fault-histories.ts'

/** The stores without the other client: a fault is one of a connection, and that client has its own. */
async function openAlone(harness: FaultHarness): Promise<FaultyStores> {
  const { another: _, ...open } = await harness.open()
  return open
}

/**
 * Registers the laws of a store with a server (FT): what it does while the server is cut off, does not answer or was killed,
 * and after its connections died without an error. They take real time; set a timeout of one minute for each test.
 *
 * @param options `test` of your runner, and a harness whose connection and server can be broken
 */
export function storeFaultLaws({ harness, ...options }: LawsOptions<FaultHarness>): void {
  const register = lawsOf({ ...options, harness: { open: () => openAlone(harness) } })
  // Connecting is no part of a law: on a busy machine it may take longer than the stores wait for an answer.
  const law: Law<FaultyStores> = (name, run) =>
    register(name, async (open, seed) => {
      await recovery(open)
      await run(open, seed)
    })
  outageLaws(law)
  lostAnswerLaw(law)
  faultHistoryLaws(law)
  eventLaws(law)
  silenceLaws(law)
  suddenDeathLaw(law)

  law(
    'FT-11 close ends in time while the server does not answer, and ends the calls under way',
    async (open) => {
      const { stores, connection } = open
      const record = await created(open, 'closing')
      await connection.pause()
      const pending = failsSilently('get', () => stores.sessions.get(record.handle), secretsOf(record))
      await inTime('close', stores.sessions.close())
      await inTime('a call under way', pending)
      for (const [name, call] of everySessionCall(open, record))
        await inTime(name, failsSilently(name, call, secretsOf(record)))
    },
  )
}

/** Calls at once, so that the store has several connections if it has a pool. */
const CALLS = 12

function silenceLaws(law: Law<FaultyStores>): void {
  law(
    'FT-12 a connection that died without a word is left in time, and none that died with it is used',
    async (open) => {
      const { sessions } = open.stores
      const stillThere = await acknowledged(open)
      const getAll = () => Promise.all(Array.from({ length: CALLS }, () => sessions.get(handle('kept'))))
      await getAll()
      await open.connection.dropSilently()
      await recovery(open)
      await getAll()
      await stillThere()
    },
  )
  law(
    'FT-13 events arrive again after the connections died without a word, without subscribing again',
    (open) => hearsAgain(open, dropped(open)),
  )
}

function outageLaws(law: Law<FaultyStores>): void {
  law(
    'FT-01 while the connection is cut every call throws store_unavailable in time and tells nothing; then all is back',
    (open) => survives(open, cutOff(open)),
  )
  law(
    'FT-02 while the server does not answer every call throws store_unavailable in time; then answers are not mixed up',
    (open) => survives(open, paused(open)),
  )
  law(
    'FT-03 while the server is killed every call throws store_unavailable in time; then what was acknowledged is there',
    (open) => survives(open, killed(open)),
  )
}

function suddenDeathLaw(law: Law<FaultyStores>): void {
  law(
    'FT-16 calls under way when the server is killed throw store_unavailable in time; then every call succeeds',
    async (open) => {
      const { sessions } = open.stores
      const kept = await created(open, 'kept')
      const getAll = () => Promise.all(Array.from({ length: CALLS }, () => sessions.get(kept.handle)))
      for (const kill of ['once', 'again']) {
        // Creates with a limit wait for each other, so that some are in the middle of their work.
        const creates = Array.from({ length: CALLS }, (_, index) =>
          sessions.create(session(open.now(), { handle: handle(`${kill}-${index}`), userId: 'many' }), {
            maxPerUser: 4 * CALLS,
          }),
        )
        const outcomes = Promise.allSettled(creates)
        await Promise.any(creates)
        await open.server.kill()
        for (const outcome of await inTime('create', outcomes))
          if (outcome.status === 'rejected') assert.equal(outcome.reason.code, 'store_unavailable')
        await open.server.start()
        await recovery(open)
        for (const record of await getAll()) same(record, kept)
      }
    },
  )
}

function eventLaws(law: Law<FaultyStores>): void {
  law('FT-08 events arrive again after the connection was cut, without subscribing again', (open) =>
    hearsAgain(open, cutOff(open)),
  )
  law('FT-09 events arrive again after the server did not answer, without subscribing again', (open) =>
    hearsAgain(open, paused(open)),
  )
  law('FT-10 events arrive again after the server was killed, without subscribing again', (open) =>
    hearsAgain(open, killed(open)),
  )
}

async function created({ stores, now }: FaultyStores, name: string): Promise<SessionRecord> {
  const ids = { handle: handle(name), userId: `user-${name}`, providerSessionId: `provider-${name}` }
  const record = fullSession(now(), ids)
  await stores.sessions.create(record)
  return record
}

async function survives(open: FaultyStores, outage: Outage): Promise<void> {
  const stillThere = await acknowledged(open)
  const record = await created(open, 'under-way')
  await open.stores.ttl.set('key-under-way', 'value-under-way', HOUR)
  const secrets = [...secretsOf(record), 'key-under-way', 'value-under-way']
  const calls = [...everySessionCall(open, record), ...everyTtlCall(open, 'key-under-way', 'value-under-way')]
  await outage.begin()
  const failures = calls.map(([name, call]) => inTime(name, failsSilently(name, call, secrets)))
  await Promise.allSettled(failures)
  await Promise.all(failures)
  await outage.end()
  await recovery(open)
  await stillThere()
}

/** Writes of every kind, acknowledged; returns what checks that each still holds. */
async function acknowledged(open: FaultyStores): Promise<() => Promise<void>> {
  const { sessions, ttl } = open.stores
  const at = open.now()
  const kept = await created(open, 'kept')
  const updated = await sessions.update((await created(open, 'updated')).handle, { updatedAt: at + 1 }, 1)
  const touched = await created(open, 'touched')
  await sessions.touch(touched.handle, at + 1, at + 9 * HOUR)
  const ended = await created(open, 'revoked')
  await sessions.revoke(ended.handle, revocation(at))
  const deleted = await created(open, 'deleted')
  await sessions.delete(deleted.handle)
  await ttl.set('kept', 'value', HOUR)
  await ttl.set('taken', 'value', HOUR)
  await ttl.take('taken')

  const expected: readonly (readonly [SessionHandle, SessionRecord | null])[] = [
    [kept.handle, kept],
    [handle('updated'), updated],
    [touched.handle, { ...touched, lastAccessedAt: at + 1, expiresAt: at + 9 * HOUR }],
    [ended.handle, { ...ended, ...WIPED, version: 2, revocation: revocation(at) }],
    [deleted.handle, null],
  ]
  return async () => {
    // All at once: an answer that came late must not be taken for that of another call.
    await Promise.all([
      ...expected.map(async ([name, record]) => same(await sessions.get(name), record, name)),
      ...expected.map(async ([name, record]) => same(await open.peek(name), record, `${name}, peeked at`)),
    ])
    same((await sessions.list({ userId: kept.userId })).records, [kept])
    same(await sessions.create(session(at, { handle: handle('later') })), { evicted: [] })
    assert.equal(await ttl.get('kept'), 'value')
    assert.equal(await ttl.take('taken'), null)
  }
}

async function hearsAgain(open: FaultyStores, outage: Outage): Promise<void> {
  const { events } = open.stores
  const about = { handle: handle('session'), userId: 'user', at: open.now() }
  const publish = () =>
    events.publish('session.expired', { type: 'session.expired', limit: 'idle', ...about })
  let heard = 0
  const unsubscribe = await events.subscribe('session.expired', () => {
    heard += 1
  })
  const hears = async (what: string) => {
    const before = heard
    await eventually(what, async () => {
      await publish()
      assert.ok(heard > before)
    })
  }
  await hears('An event')
  await outage.begin()
  // Lost, with or without an error: events are at most once.
  await inTime('publish', Promise.allSettled([publish()]))
  await outage.end()
  await hears('An event after the outage')
  await unsubscribe()
}
