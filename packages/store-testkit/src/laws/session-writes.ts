import assert from 'node:assert/strict'
import type { SessionPatch, SessionRecord } from '@bff/core'
import { fieldsWith, SEALED_FIELDS, WIPED } from '@bff/core/store'
import { everySessionCall, failsSilently, secretsOf } from '../calls.ts'
import {
  bytes,
  DAY,
  fullSession,
  HOSTILE,
  HOSTILE_HANDLES,
  HOUR,
  handle,
  refuses,
  revocation,
  SIMILAR,
  same,
  samples,
  session,
} from '../fixtures.ts'
import type { Law, OpenStores } from '../harness.ts'

/** The laws of one session: what create, get, update, touch, revoke and delete do to it. */
export function sessionWriteLaws(law: Law): void {
  law('SS-01 a created record is read back equal, byte for byte', async ({ stores, now, peek }) => {
    const hostileMetadata = JSON.parse(
      '{"__proto__":{"polluted":true},"constructor":null,"a.b":{"$c":"\\n"}}',
    )
    const wide = bytes(100)
    const records = [
      session(now()),
      fullSession(now()),
      session(now(), {
        accessTokenEncrypted: null,
        claimsEncrypted: null,
        issuer: null,
        userId: 'x'.repeat(255),
      }),
      fullSession(now(), { accessTokenEncrypted: bytes(64_000), idTokenEncrypted: bytes(64_000, 9) }),
      session(now(), { accessTokenEncrypted: wide.subarray(10, 20), claimsEncrypted: new Uint8Array(0) }),
      session(now(), { metadata: hostileMetadata }),
      session(now(), { revocation: revocation(now(), { actorId: 'admin' }) }),
      session(now(), { version: 7, createdAt: now() - DAY, expiresAt: now() - 1 }),
    ].map((record, index) => ({ ...record, handle: handle(index) }))
    for (const record of records) same(await stores.sessions.create(record), { evicted: [] })
    for (const record of records) {
      same(await stores.sessions.get(record.handle), record)
      same(await peek(record.handle), record)
    }
    assert.equal(Reflect.get({}, 'polluted'), undefined)
  })

  law('SS-01 large metadata and numbers of any size are read back equal', async ({ stores, now, peek }) => {
    const metadata = {
      numbers: [0.1, 1e21, 5e-324, Number.MAX_VALUE, Number.MAX_SAFE_INTEGER, -1e-7, 123456789.98765433],
      text: `${'"\\\n é😀'.repeat(2000)}`,
      deep: Array.from({ length: 14 }).reduce<unknown>((inner) => ({ inner: [inner] }), 'end'),
    }
    const record = session(now(), { metadata })
    await stores.sessions.create(record)
    same(await stores.sessions.get(record.handle), record)
    same(await peek(record.handle), record)
  })

  law('SS-02 create of a taken handle throws session_conflict and changes nothing', async (open) => {
    const { stores, now } = open
    const first = await created(open, fullSession(now()))
    const other = session(now(), { userId: 'other', accessTokenEncrypted: bytes(9, 9) })
    await refuses('session_conflict', () => stores.sessions.create(other))
    await refuses('session_conflict', () => stores.sessions.create(session(now()), { maxPerUser: 1 }))
    same(await stores.sessions.get(first.handle), first)
    assert.equal(await stores.sessions.countActive({ userId: 'other' }, now()), 0)
    assert.equal(await stores.sessions.countActive({ userId: 'user' }, now()), 1)
  })

  law('SS-03 get of an unknown handle is null; handles differ by case', async ({ stores, now }) => {
    for (const unknown of [handle('unknown'), ...HOSTILE_HANDLES]) {
      assert.equal(await stores.sessions.get(unknown), null)
    }
    const records = HOSTILE_HANDLES.map((name, index) =>
      session(now(), { handle: name, userId: `user${index}` }),
    )
    for (const record of records) await stores.sessions.create(record)
    for (const record of records) same(await stores.sessions.get(record.handle), record)
  })

  law(
    'SS-04 update applies exactly the patch, adds one to version and returns the new record',
    async (open) => {
      const { stores, now, peek } = open
      const record = await created(open, session(now()))
      const changed = samples(fieldsWith({ mutable: true }), now(), 2)
      const patch: SessionPatch = { ...changed, accessTokenEncrypted: bytes(64_000, 8), updatedAt: now() + 4 }
      same(await stores.sessions.update(record.handle, patch, 1), { ...record, ...patch, version: 2 })
      same(await stores.sessions.get(record.handle), { ...record, ...patch, version: 2 })
      const second = { updatedAt: now() + 5, metadata: {} }
      same(await stores.sessions.update(record.handle, second, 2), {
        ...record,
        ...patch,
        ...second,
        version: 3,
      })
      same(await peek(record.handle), { ...record, ...patch, ...second, version: 3 })
    },
  )

  law('SS-05 update with another version than the stored one is null and changes nothing', async (open) => {
    const { stores, now } = open
    const record = await created(open, fullSession(now(), { version: 3 }))
    for (const version of [2, 4, 0, -3, 33]) {
      const patch = { updatedAt: now() + 1, accessTokenEncrypted: bytes(5) }
      assert.equal(await stores.sessions.update(record.handle, patch, version), null)
    }
    same(await stores.sessions.get(record.handle), record)
  })

  law('SS-06 update of an unknown, deleted or revoked session is null and creates nothing', async (open) => {
    const { stores, now, peek } = open
    const patch = { updatedAt: now() + 1, accessTokenEncrypted: bytes(5) }
    for (const version of [0, 1]) {
      assert.equal(await stores.sessions.update(handle('unknown'), patch, version), null)
    }
    assert.equal(await peek(handle('unknown')), null)

    const deleted = await created(open, session(now(), { handle: handle('deleted') }))
    await stores.sessions.delete(deleted.handle)
    assert.equal(await stores.sessions.update(deleted.handle, patch, 1), null)
    assert.equal(await peek(deleted.handle), null)
    same(await stores.sessions.list({ userId: 'user' }), { records: [], next: null })

    const revoked = await revokedSession(open)
    for (const version of [revoked.version - 1, revoked.version, revoked.version + 1]) {
      assert.equal(await stores.sessions.update(revoked.handle, patch, version), null)
    }
    same(await peek(revoked.handle), revoked)
  })

  law('SS-07 a null in a patch clears the field; an absent key leaves it alone', async (open) => {
    const { stores, now } = open
    const record = await created(open, fullSession(now()))
    let expected: SessionRecord = record
    for (const field of fieldsWith({ mutable: true, nullable: true })) {
      const patch = { [field]: null, updatedAt: expected.updatedAt + 1 }
      expected = { ...expected, ...patch, version: expected.version + 1 }
      same(await stores.sessions.update(record.handle, patch, expected.version - 1), expected, field)
    }
    same(await stores.sessions.get(record.handle), expected)
  })

  law(
    'SS-09 touch moves the two times forward only, up to the absolute end, and leaves version alone',
    async (open) => {
      const { stores, now } = open
      const record = await created(open, fullSession(now()))
      const { handle: touched, absoluteExpiresAt: end } = record
      const expectTimes = async (lastAccessedAt: number, expiresAt: number) =>
        same(await stores.sessions.get(touched), { ...record, lastAccessedAt, expiresAt })

      assert.equal(await stores.sessions.touch(touched, now() + 10, now() + 9 * HOUR), true)
      await expectTimes(now() + 10, now() + 9 * HOUR)
      assert.equal(await stores.sessions.touch(touched, now() + 5, now() + 8 * HOUR), true)
      await expectTimes(now() + 10, now() + 9 * HOUR)
      assert.equal(await stores.sessions.touch(touched, now() + 20, now() + 1), true)
      await expectTimes(now() + 20, now() + 9 * HOUR)
      assert.equal(await stores.sessions.touch(touched, now() + 1, end + DAY), true)
      await expectTimes(now() + 20, end)
      const updated = await stores.sessions.update(touched, { updatedAt: now() + 30 }, 1)
      same(updated, {
        ...record,
        version: 2,
        updatedAt: now() + 30,
        lastAccessedAt: now() + 20,
        expiresAt: end,
      })
    },
  )

  law('SS-10 touch of an unknown, deleted or revoked session is false and creates nothing', async (open) => {
    const { stores, now, peek } = open
    const touch = (name: SessionRecord['handle']) => stores.sessions.touch(name, now() + 1, now() + DAY)
    assert.equal(await touch(handle('unknown')), false)
    assert.equal(await peek(handle('unknown')), null)
    const deleted = await created(open, session(now(), { handle: handle('deleted') }))
    await stores.sessions.delete(deleted.handle)
    assert.equal(await touch(deleted.handle), false)
    assert.equal(await peek(deleted.handle), null)
    const revoked = await revokedSession(open)
    assert.equal(await touch(revoked.handle), false)
    same(await peek(revoked.handle), revoked)
  })

  law('SS-11 revoke stores the revocation, wipes every sealed field and answers revoked', async (open) => {
    const { stores, now, peek } = open
    const record = await created(open, fullSession(now()))
    const why = revocation(now() + 5, { reasonCode: 'rotation_theft', actorType: 'system', actorId: 'a:b' })
    const expected = { ...record, ...WIPED, version: 2, revocation: why }
    same(await stores.sessions.revoke(record.handle, why), { outcome: 'revoked', record: expected })
    same(await stores.sessions.get(record.handle), expected)
    const held = await peek(record.handle)
    for (const field of SEALED_FIELDS) assert.equal(held?.[field], null, field)
  })

  law('SS-12 a second revoke answers already_revoked; the first metadata stays', async (open) => {
    const { stores, now } = open
    const revoked = await revokedSession(open)
    const later = revocation(now() + 99, { reasonCode: 'other', actorType: 'operator', actorId: 'someone' })
    same(await stores.sessions.revoke(revoked.handle, later), { outcome: 'already_revoked', record: revoked })
    same(await stores.sessions.get(revoked.handle), revoked)
  })

  law('SS-13 revoke of an unknown handle is null and creates nothing', async ({ stores, now, peek }) => {
    assert.equal(await stores.sessions.revoke(handle('unknown'), revocation(now())), null)
    assert.equal(await peek(handle('unknown')), null)
  })

  law('SS-14 no write after a revocation brings a session back', async (open) => {
    const { stores, now, peek } = open
    const revoked = await revokedSession(open)
    await stores.sessions.update(revoked.handle, { updatedAt: now() + 1, accessTokenEncrypted: bytes(3) }, 1)
    await stores.sessions.update(revoked.handle, { updatedAt: now() + 1 }, revoked.version)
    await stores.sessions.touch(revoked.handle, now() + 1, now() + DAY)
    await refuses('session_conflict', () =>
      stores.sessions.create(fullSession(now(), { handle: revoked.handle })),
    )
    same(await peek(revoked.handle), revoked)
    assert.equal(await stores.sessions.countActive({ userId: revoked.userId }, now()), 0)
  })

  law('SS-15 delete is true when it removed something, else false', async (open) => {
    const { stores, now } = open
    assert.equal(await stores.sessions.delete(handle('unknown')), false)
    const record = await created(open, fullSession(now()))
    const revoked = await revokedSession(open)
    for (const { handle: gone, userId } of [record, revoked]) {
      assert.equal(await stores.sessions.delete(gone), true)
      assert.equal(await stores.sessions.delete(gone), false)
      assert.equal(await stores.sessions.get(gone), null)
      same(await stores.sessions.list({ userId }), { records: [], next: null })
    }
    same(await stores.sessions.create(record), { evicted: [] })
    same(await stores.sessions.get(record.handle), record)
  })

  law('SS-23 hostile ids are plain data', async ({ stores, now }) => {
    const records = HOSTILE.map((id, index) => {
      const ids = { userId: id, organizationId: id, issuer: id, providerSessionId: id, deviceId: id }
      return session(now(), {
        handle: handle(index),
        ...ids,
        metadata: { [id]: id },
        createdAt: now() - index,
      })
    })
    for (const record of records) await stores.sessions.create(record, { maxPerUser: 1 })
    for (const record of records) {
      same(await stores.sessions.get(record.handle), record)
      const { userId, organizationId, issuer, providerSessionId } = record
      for (const filter of [
        { userId },
        { organizationId: userId },
        { issuer: userId, providerSessionId: userId },
      ]) {
        same(await stores.sessions.list(filter), { records: [record], next: null }, JSON.stringify(filter))
      }
      same([organizationId, issuer, providerSessionId], [userId, userId, userId])
      assert.equal(await stores.sessions.countActive({ userId }, now()), 1)
    }
    // Two halves that would be the same text once joined.
    const pairs = [
      ['a', ':b'],
      ['a:', 'b'],
    ] as const
    for (const [issuer, providerSessionId] of pairs) {
      const record = session(now(), {
        handle: handle(`pair${issuer.length}`),
        userId: 'pair',
        issuer,
        providerSessionId,
      })
      await stores.sessions.create(record)
    }
    for (const [issuer, providerSessionId] of pairs) {
      const { records } = await stores.sessions.list({ issuer, providerSessionId })
      same(
        records.map((record) => record.handle),
        [handle(`pair${issuer.length}`)],
      )
    }
    assert.equal(await stores.sessions.deleteAll({ userId: '*' }), 1)
    assert.equal(await stores.sessions.deleteAll({ userId: '%' }), 1)
    assert.equal(await stores.sessions.deleteAll({ userId: '_' }), 1)
    same(await stores.sessions.get(handle(0)), records[0])
  })

  law('SS-23 ids that are only similar belong to different owners', async ({ stores, now }) => {
    const ids = SIMILAR.flat()
    const records = ids.map((id, index) => {
      const owner = { userId: id, organizationId: id, providerSessionId: id }
      return session(now(), { handle: handle(index), ...owner, createdAt: now() - index })
    })
    for (const record of records) await stores.sessions.create(record, { maxPerUser: 1 })
    for (const record of records) {
      const id = record.userId
      const { issuer } = record
      assert.ok(issuer)
      for (const filter of [{ userId: id }, { organizationId: id }, { issuer, providerSessionId: id }]) {
        same(await stores.sessions.list(filter), { records: [record], next: null }, JSON.stringify(filter))
        assert.equal(await stores.sessions.countActive(filter, now()), 1, JSON.stringify(filter))
      }
    }
    for (const [index, [one]] of SIMILAR.entries()) {
      assert.equal(
        (await stores.sessions.revokeAll({ userId: one }, revocation(now()))).records.length,
        1,
        one,
      )
      assert.equal((await stores.sessions.get(handle(2 * index + 1)))?.revocation, null, one)
    }
  })

  law('SS-24 a fault throws store_unavailable without a secret or a record in its message', async (open) => {
    const record = await created(open, fullSession(open.now(), TELLING))
    await (open.breakConnection ?? open.stores.sessions.close.bind(open.stores.sessions))()
    for (const [name, call] of everySessionCall(open, record))
      await failsSilently(name, call, secretsOf(record))
  })

  law('SS-25 close is idempotent; after it every call throws store_unavailable', async (open) => {
    const record = await created(open, fullSession(open.now()))
    await open.stores.sessions.close()
    await open.stores.sessions.close()
    for (const [name, call] of everySessionCall(open, record)) await refuses('store_unavailable', call, name)
  })

  law('SS-26 changing what went in or came out changes nothing that is kept', async (open) => {
    const { stores, now, peek } = open
    const given = fullSession(now())
    const name = given.handle
    const expected = structuredClone(given)
    await stores.sessions.create(given)
    spoil(given)
    same(await peek(name), expected, 'created')
    spoil(await stores.sessions.get(name))
    same(await peek(name), expected, 'got')
    spoil((await stores.sessions.list({ userId: 'user' })).records)
    same(await peek(name), expected, 'listed')

    const patch = { updatedAt: now() + 1, claimsEncrypted: bytes(99), metadata: { deep: { list: [1] } } }
    const patched = { ...expected, ...structuredClone(patch), version: 2 }
    spoil(await stores.sessions.update(name, patch, 1))
    spoil(patch)
    same(await peek(name), patched, 'updated')

    const why = revocation(now() + 2, { actorId: 'admin' })
    const revoked = { ...patched, ...WIPED, version: 3, revocation: { ...why } }
    spoil(await stores.sessions.revoke(name, why))
    spoil(why)
    same(await peek(name), revoked, 'revoked')
    spoil(await stores.sessions.revoke(name, revocation(now() + 3)))
    same(await peek(name), revoked, 'revoked again')
  })

  law('SS-27 an active session is kept until it expires, even if that is in 400 days', async (open) => {
    const { stores, now, advance } = open
    const start = now()
    const lasting = (days: number) =>
      fullSession(start, {
        handle: handle(`days${days}`),
        userId: `days${days}`,
        expiresAt: start + days * DAY,
        absoluteExpiresAt: start + days * DAY,
        refreshTokenExpiresAt: null,
      })
    const month = await created(open, lasting(30))
    const year = await created(open, lasting(400))
    for (const [wait, alive] of [
      [24, [month, year]],
      [2, [month, year]],
      [3, [month, year]],
      [370, [year]],
    ] as const) {
      await advance(wait * DAY)
      for (const index of [1, 2, 3])
        await created(open, session(now(), { handle: handle(`${now()}-${index}`) }))
      for (const record of alive) {
        same(await stores.sessions.get(record.handle), record)
        assert.equal(await stores.sessions.countActive({ userId: record.userId }, now()), 1)
      }
    }
  })
}

/** Ids that are in no message by chance. */
const TELLING = { handle: handle('telling-handle'), userId: 'telling-user' }

async function created({ stores }: OpenStores, record: SessionRecord): Promise<SessionRecord> {
  await stores.sessions.create(record)
  return record
}

async function revokedSession(open: OpenStores): Promise<SessionRecord> {
  const record = await created(
    open,
    fullSession(open.now(), { handle: handle('revoked'), userId: 'revoked' }),
  )
  const outcome = await open.stores.sessions.revoke(record.handle, revocation(open.now()))
  assert.ok(outcome)
  return outcome.record
}

/** Changes all of it that can be changed, at any depth. */
function spoil(value: unknown): void {
  if (value instanceof Uint8Array) {
    value.fill(255)
    return
  }
  if (typeof value !== 'object' || value === null) return
  for (const part of Object.values(value)) spoil(part)
  for (const key of Object.keys(value)) Reflect.set(value, key, 'spoiled')
  if (Array.isArray(value) && !Object.isFrozen(value)) value.push('spoiled')
}
