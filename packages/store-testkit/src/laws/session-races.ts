import assert from 'node:assert/strict'
import type { SessionRecord, SessionStore } from '@bff/core'
import { WIPED } from '@bff/core/store'
import { bytes, DAY, fullSession, HOUR, handle, refuses, revocation, same, session } from '../fixtures.ts'
import type { Law, OpenStores } from '../harness.ts'
import { replay, seeded, seedsFrom } from '../seed.ts'

/** How many histories each of these laws tries. */
const HISTORIES = 25

/** The laws of many callers at once on one session, or one user. */
export function sessionRaceLaws(law: Law): void {
  law('SS-02 of concurrent creates of one handle exactly one wins', async ({ stores, now }) => {
    const records = count(20).map((index) => session(now(), { userId: `user${index}` }))
    const created = await Promise.allSettled(records.map((record) => stores.sessions.create(record)))
    const winners = records.filter((_, index) => created[index]?.status === 'fulfilled')
    assert.equal(winners.length, 1)
    same(await stores.sessions.get(handle('session')), winners[0])
    for (const { userId } of records) {
      const { records: listed } = await stores.sessions.list({ userId })
      same(
        listed,
        winners.filter((winner) => winner.userId === userId),
      )
    }
  })

  law('SS-08 of concurrent updates from one version exactly one wins', async ({ stores, now }) => {
    await stores.sessions.create(fullSession(now()))
    for (let version = 1; version <= 5; version++) {
      const updates = count(100).map((index) => {
        const patch = {
          updatedAt: now() + index,
          accessTokenEncrypted: bytes(64, index),
          metadata: { index },
        }
        return stores.sessions.update(handle('session'), patch, version)
      })
      const won = (await allOf(updates)).filter((record) => record !== null)
      assert.equal(won.length, 1)
      assert.equal(won[0]?.version, version + 1)
      same(await stores.sessions.get(handle('session')), won[0])
    }
  })

  law('SS-09 of concurrent touches and updates none is lost', async ({ stores, now }, first) => {
    for (const seed of seedsFrom(first, HISTORIES)) {
      const random = seeded(seed)
      const name = handle(`touch${seed}`)
      const record = fullSession(now(), { handle: name })
      await stores.sessions.create(record)
      let version = 1
      const touches = count(30).map(() => ({
        at: now() + random(1000),
        until: record.expiresAt - 500 + random(1000),
      }))
      const writes = touches.map(async ({ at, until }, index) => {
        if (index % 5 === 0) {
          const updated = await stores.sessions.update(
            name,
            { updatedAt: now(), metadata: { version } },
            version,
          )
          if (updated !== null) version = Math.max(version, updated.version)
        }
        assert.equal(await stores.sessions.touch(name, at, until), true)
      })
      await allOf(writes)
      const found = await stores.sessions.get(name)
      const lastAccessedAt = Math.max(...touches.map((touch) => touch.at))
      const expiresAt = Math.max(record.expiresAt, ...touches.map((touch) => touch.until))
      same([found?.lastAccessedAt, found?.expiresAt], [lastAccessedAt, expiresAt], replay(seed))
      assert.equal(found?.version, version, replay(seed))
    }
  })

  law('SS-12 of concurrent revokes exactly one counts, and all tell of it', async ({ stores, now }) => {
    await stores.sessions.create(fullSession(now()))
    const revokes = count(20).map((index) =>
      stores.sessions.revoke(handle('session'), revocation(now() + index, { actorId: `actor${index}` })),
    )
    const outcomes = await allOf(revokes)
    const first = outcomes.filter((outcome) => outcome?.outcome === 'revoked')
    assert.equal(first.length, 1)
    for (const outcome of outcomes) same(outcome?.record, first[0]?.record)
    same(await stores.sessions.get(handle('session')), first[0]?.record)
  })

  law('SS-14 no write that races a revocation brings the session back', async (open, first) => {
    for (const seed of seedsFrom(first, HISTORIES)) await raceRevocation(open, seed)
  })

  law(
    'SS-15 of concurrent deletes one wins, and no write that races it brings the session back',
    async (open, first) => {
      const { stores, now, peek } = open
      for (const seed of seedsFrom(first, HISTORIES)) {
        const name = handle(`delete${seed}`)
        await stores.sessions.create(fullSession(now(), { handle: name }))
        const random = seeded(seed)
        const deletes: Promise<boolean>[] = []
        const writes = count(30).map((index) => {
          if (index % 6 === seed % 6) deletes.push(stores.sessions.delete(name))
          return anyWrite(stores.sessions, fullSession(now(), { handle: name }), random)
        })
        const deleted = await Promise.all(deletes)
        await Promise.allSettled(writes)
        assert.equal(deleted.filter(Boolean).length, 1, replay(seed))
        assert.equal(await peek(name), null, replay(seed))
      }
      same(await stores.sessions.list({ userId: 'user' }), { records: [], next: null })
      assert.equal(await stores.sessions.countActive({ userId: 'user' }, now()), 0)
    },
  )

  law(
    'SS-19 concurrent revokeAll return each session once, and leave nothing alive',
    async ({ stores, now }) => {
      const handles = count(10).map((index) => handle(`all${index}`))
      for (const name of handles) await stores.sessions.create(fullSession(now(), { handle: name }))
      const calls = count(8).map((index) =>
        stores.sessions.revokeAll({ userId: 'user' }, revocation(now() + index)),
      )
      const writes = handles.map((name) => stores.sessions.touch(name, now() + 1, now() + 9 * HOUR))
      const updates = handles.map((name) =>
        stores.sessions.update(name, { updatedAt: now(), idTokenEncrypted: bytes(9) }, 1),
      )
      const returned = (await Promise.all(calls)).flatMap((outcome) => outcome.records)
      await Promise.all([...writes, ...updates])
      same(returned.map((record) => record.handle).sort(), [...handles].sort())
      for (const record of returned) same(await stores.sessions.get(record.handle), record)
      assert.equal(await stores.sessions.countActive({ userId: 'user' }, now()), 0)
    },
  )

  law(
    'SS-22 of concurrent creates with maxPerUser no more than that many stay active',
    async ({ stores, now }) => {
      const records = count(20).map((index) =>
        session(now(), { handle: handle(index), createdAt: now() + (index % 4) }),
      )
      const created = await Promise.all(
        records.map((record) => stores.sessions.create(record, { maxPerUser: 3 })),
      )
      const { records: listed } = await stores.sessions.list({ userId: 'user' })
      const active = listed.filter((record) => record.revocation === null).map((record) => record.handle)
      const evicted = created.flatMap((outcome) => outcome.evicted)
      assert.equal(active.length, 3)
      same([...active, ...evicted].sort(), records.map((record) => record.handle).sort())
    },
  )
}

/**
 * Writers of every kind race one revocation. What the store answers must fit one order of events: each version
 * is won once, no touch that was answered `true` is lost, and the tombstone is final.
 */
async function raceRevocation({ stores: { sessions }, now, peek }: OpenStores, seed: number): Promise<void> {
  const random = seeded(seed)
  const record = fullSession(now(), { handle: handle(`race${seed}`) })
  const why = revocation(now() + 5, { reasonCode: 'race', actorId: `seed ${seed}` })
  await sessions.create(record)
  const versions: number[] = []
  const touched: number[] = [record.lastAccessedAt]
  const writer = async () => {
    let version = 1
    for (let step = 0; step < 4; step++) {
      if (random(2) === 0) {
        const updated = await sessions.update(
          record.handle,
          { updatedAt: now(), idTokenEncrypted: bytes(8) },
          version,
        )
        if (updated !== null) versions.push(updated.version)
        version = updated?.version ?? (await sessions.get(record.handle))?.version ?? version
      } else {
        const at = now() + random(1000)
        if (await sessions.touch(record.handle, at, now() + DAY)) touched.push(at)
      }
    }
  }
  const writers = Promise.allSettled(count(6).map(writer))
  for (let wait = random(8); wait > 0; wait--) await sessions.get(handle('unknown'))
  const outcome = await sessions.revoke(record.handle, why)
  const tombstone = outcome?.record
  const afterwards = await allOf(count(10).map(() => anyWrite(sessions, record, random)))
  const failed = (await writers).find((writer) => writer.status === 'rejected')

  const failing = replay(seed)
  assert.equal(failed?.reason, undefined, failing)
  assert.equal(outcome?.outcome, 'revoked', failing)
  assert.ok(!afterwards.some(Boolean), `${failing}: a write after the revocation was accepted`)
  same(
    versions.sort((a, b) => a - b),
    count(versions.length).map((index) => index + 2),
    `${failing}: a version was won twice`,
  )
  assert.equal(tombstone?.lastAccessedAt, Math.max(...touched), `${failing}: a touch was lost`)
  assert.equal(tombstone?.version, versions.length + 2, failing)
  same(
    await peek(record.handle),
    { ...tombstone, ...WIPED, revocation: why },
    `${failing}: the tombstone changed`,
  )
  await refuses('session_conflict', () => sessions.create(record), failing)
}

function anyWrite(
  sessions: SessionStore,
  record: SessionRecord,
  random: (below: number) => number,
): Promise<unknown> {
  const { handle: name, createdAt: now } = record
  switch (random(3)) {
    case 0:
      return sessions.update(name, { updatedAt: now, accessTokenEncrypted: bytes(7) }, 1 + random(4))
    case 1:
      return sessions.touch(name, now + random(1000), now + DAY)
    default:
      return sessions.update(name, { updatedAt: now, metadata: { late: true } }, 1)
  }
}

function count(length: number): number[] {
  return Array.from({ length }, (_, index) => index)
}

/** `Promise.all` that lets every call end before it fails, so that no fault is left unhandled. */
async function allOf<T>(calls: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(calls)
  return Promise.all(calls)
}
