import { BffError, type SessionHandle, type SessionRecord } from '@bff/core'
import { SESSION_FIELDS } from '@bff/core/store'
import { DAY, fullSession, HOUR, handle, revocation } from '@bff/store-testkit/fixtures'
import { Redis } from 'ioredis'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { wordOf } from '../src/connection.ts'
import { EARLIER_NAMES, isOtherType } from '../src/earlier-layout.ts'
import { Keys } from '../src/keys.ts'
import { START } from './harness.ts'
import { LIBRARIES } from './libraries.ts'
import { startRedis } from './servers.ts'

/** What the record has got since then is absent in such a session. */
const NEWER = Object.fromEntries(
  Object.keys(SESSION_FIELDS)
    .filter((field) => field !== 'handle' && !Object.hasOwn(EARLIER_NAMES, field))
    .map((field) => [field, null]),
)

test.each([
  ['a command', 'WRONGTYPE Operation against a key holding the wrong kind of value'],
  [
    'a script on Redis 7',
    'WRONGTYPE Operation against a key holding the wrong kind of value script: f_2c, on @user_script:3.',
  ],
  [
    'a script on Redis 6.2',
    'ERR Error running script (call to f_2c): @user_script:3: WRONGTYPE Operation against a key holding the wrong kind of value',
  ],
])('a session in the earlier layout is known by the error of %s', (_, message) => {
  const cause = new Error(`Redis: ReplyError ${wordOf(new Error(message))}`)
  expect(isOtherType(new BffError('store_unavailable', undefined, { cause }))).toBe(true)
})

describe.each(LIBRARIES)(
  '$library: a session of an earlier version, a hash with a field for each member',
  async ({ redisStore }) => {
    const server = await startRedis()
    const redis = new Redis(server.url)
    const keys = new Keys('bff:')
    const { sessions } = redisStore({ url: server.url, operationTimeoutMs: 5000 })
    const other = redisStore({ url: server.url, operationTimeoutMs: 5000 })
    beforeEach(() => redis.flushall())
    afterAll(async () => {
      redis.disconnect()
      await sessions.close()
      await other.sessions.close()
      await server.stop()
    })

    const sessionOf = (name: string, over: Partial<SessionRecord> = {}) =>
      fullSession(START, { handle: handle(name), ...NEWER, ...over })
    const typeOf = (name: SessionHandle) => redis.type(keys.record(name))
    const lifeOf = (name: SessionHandle) => redis.pttl(keys.record(name))

    test('is read as it was written, and reading changes nothing', async () => {
      const record = sessionOf('one')
      await writeEarlier(redis, keys, record)
      expect(await sessions.get(record.handle)).toEqual(record)
      expect((await sessions.list({ userId: 'user' })).records).toEqual([record])
      expect(await sessions.countActive({ userId: 'user' }, START)).toBe(1)
      expect(await typeOf(record.handle)).toBe('hash')
    })

    test('is read without the fields that were null', async () => {
      const record = sessionOf('one', {
        refreshTokenEncrypted: null,
        refreshTokenExpiresAt: null,
        deviceId: null,
      })
      await writeEarlier(redis, keys, record)
      expect(await sessions.get(record.handle)).toEqual(record)
      expect(await sessions.touch(record.handle, START + 1, START + 9 * HOUR)).toBe(true)
      expect(await other.sessions.get(record.handle)).toEqual({
        ...record,
        lastAccessedAt: START + 1,
        expiresAt: START + 9 * HOUR,
      })
    })

    test('is rewritten by its first touch, and goes on as before at every process', async () => {
      const record = sessionOf('one')
      await writeEarlier(redis, keys, record)
      expect(await sessions.touch(record.handle, START + HOUR, START + 9 * HOUR)).toBe(true)
      expect(await typeOf(record.handle)).toBe('string')
      const touched = { ...record, lastAccessedAt: START + HOUR, expiresAt: START + 9 * HOUR }
      expect(await other.sessions.get(record.handle)).toEqual(touched)
      expect((await lifeOf(record.handle)) / DAY).toBeCloseTo(7 + 8 / 24, 1)
      const patch = { updatedAt: START + HOUR, metadata: { theme: 'light' } }
      expect(await other.sessions.update(record.handle, patch, record.version)).toEqual({
        ...touched,
        ...patch,
        version: record.version + 1,
      })
    })

    test('is rewritten by its first update, and by no refused one', async () => {
      const record = sessionOf('one')
      await writeEarlier(redis, keys, record)
      const patch = {
        updatedAt: START + 1,
        accessTokenEncrypted: Uint8Array.of(1, 2, 3),
        providerSessionId: 'p2',
      }
      expect(await sessions.update(record.handle, patch, record.version + 1)).toBeNull()
      expect(await typeOf(record.handle)).toBe('hash')
      const updated = { ...record, ...patch, version: record.version + 1 }
      expect(await sessions.update(record.handle, patch, record.version)).toEqual(updated)
      expect(await other.sessions.get(record.handle)).toEqual(updated)
      const filter = { issuer: record.issuer, providerSessionId: 'p2' }
      expect((await other.sessions.list(filter)).records).toEqual([updated])
    })

    test('is revoked for good, with nothing sealed left in it', async () => {
      const record = sessionOf('one')
      await writeEarlier(redis, keys, record)
      const first = revocation(START + 1)
      expect(await sessions.revoke(record.handle, first)).toMatchObject({
        outcome: 'revoked',
        record: { version: record.version + 1, revocation: first, accessTokenEncrypted: null },
      })
      const value = await redis.getBuffer(keys.record(record.handle))
      expect(value?.includes(Buffer.from(record.accessTokenEncrypted ?? []))).toBe(false)
      expect((await other.sessions.revoke(record.handle, revocation(START + 2)))?.outcome).toBe(
        'already_revoked',
      )
      expect(await other.sessions.touch(record.handle, START + 3, START + DAY)).toBe(false)
      expect((await lifeOf(record.handle)) / DAY).toBeCloseTo(7, 1)
    })

    test('that was revoked stays revoked', async () => {
      const record = sessionOf('one', { revocation: revocation(START) })
      await writeEarlier(redis, keys, record)
      expect(await sessions.get(record.handle)).toEqual(record)
      expect((await sessions.revoke(record.handle, revocation(START + 2)))?.outcome).toBe('already_revoked')
      expect((await sessions.get(record.handle))?.revocation).toEqual(revocation(START))
      expect(await sessions.touch(record.handle, START + 3, START + DAY)).toBe(false)
    })

    test('is found and ended with those of the present version', async () => {
      const [old, present] = [sessionOf('old'), sessionOf('present', { createdAt: START + 1 })]
      await writeEarlier(redis, keys, old)
      await sessions.create(present)
      expect((await sessions.list({ userId: 'user' })).records).toEqual([present, old])
      const filter = { userId: 'user', exceptHandle: present.handle }
      expect((await sessions.revokeAll(filter, revocation(START + 1))).records).toMatchObject([
        { handle: old.handle },
      ])
      expect((await sessions.get(present.handle))?.revocation).toBeNull()
    })

    test('is evicted as the oldest one', async () => {
      const old = sessionOf('old')
      await writeEarlier(redis, keys, old)
      const next = sessionOf('next', { createdAt: START + 1 })
      expect(await sessions.create(next, { maxPerUser: 1 })).toEqual({ evicted: [old.handle] })
      expect((await other.sessions.get(old.handle))?.revocation?.reasonCode).toBe('session_limit')
    })

    test('is deleted with its entries, and cleaned up', async () => {
      const [one, two] = [sessionOf('one'), sessionOf('two', { expiresAt: START - 1 })]
      await writeEarlier(redis, keys, one)
      await writeEarlier(redis, keys, two)
      expect(await sessions.delete(one.handle)).toBe(true)
      expect(await sessions.cleanup({ now: START, limit: 10, retainRevokedMs: DAY })).toEqual({
        deleted: 1,
        more: false,
      })
      expect(await redis.keys('*')).toEqual([])
    })

    test('that waits for its creator is nowhere until then', async () => {
      const record = sessionOf('one')
      await writeEarlier(redis, keys, record)
      await redis.hset(keys.record(record.handle), 'w', 1)
      expect(await sessions.get(record.handle)).toBeNull()
      expect((await sessions.list({ userId: 'user' })).records).toEqual([])
    })

    test('that is used while it is rewritten keeps every use', async () => {
      const record = sessionOf('one')
      await writeEarlier(redis, keys, record)
      await Promise.all(
        Array.from({ length: 50 }, (_, use) =>
          (use % 2 === 0 ? sessions : other.sessions).touch(record.handle, START + use, START + DAY + use),
        ),
      )
      expect(await sessions.get(record.handle)).toMatchObject({
        lastAccessedAt: START + 49,
        expiresAt: START + DAY + 49,
        version: record.version,
      })
    })

    test('that cannot be read is an error, and is ended with the others', async () => {
      const record = sessionOf('one')
      await writeEarlier(redis, keys, record)
      await redis.hdel(keys.record(record.handle), 'e')
      await expect(sessions.get(record.handle)).rejects.toMatchObject({ code: 'seal_broken' })
      await expect(sessions.touch(record.handle, START, START)).rejects.toMatchObject({ code: 'seal_broken' })
      await sessions.revokeAll({ userId: 'user' }, revocation(START))
      expect(await typeOf(record.handle)).toBe('none')
    })
  },
)

/** Writes a session as an earlier version did, field by field, with its entries in the indexes. */
async function writeEarlier(redis: Redis, keys: Keys, record: SessionRecord): Promise<void> {
  const bytes = (value: Uint8Array | null) => value && Buffer.from(value)
  const fields = {
    v: record.version,
    h: record.secretHash,
    ph: record.previousSecretHash,
    pu: record.previousSecretUntil,
    u: record.userId,
    o: record.organizationId,
    i: record.issuer,
    s: record.providerSessionId,
    d: record.deviceId,
    pk: record.clientPublicKey,
    at: bytes(record.accessTokenEncrypted),
    rt: bytes(record.refreshTokenEncrypted),
    it: bytes(record.idTokenEncrypted),
    cl: bytes(record.claimsEncrypted),
    dk: bytes(record.dpopKeyPairEncrypted),
    dt: record.dpopThumbprint,
    ai: record.accessTokenIssuedAt,
    ae: record.accessTokenExpiresAt,
    re: record.refreshTokenExpiresAt,
    m: JSON.stringify(record.metadata),
    ip: record.ipAddress,
    ua: record.userAgent,
    c: record.createdAt,
    up: record.updatedAt,
    l: record.lastAccessedAt,
    e: record.expiresAt,
    x: record.absoluteExpiresAt,
    r: record.revocation && JSON.stringify(record.revocation),
    q: 1,
  }
  const [key, living, revoked] = keys.session(record.handle)
  const given = Object.entries(fields).flatMap(([name, value]) => (value === null ? [] : [name, value]))
  await redis.hset(key, ...given)
  await redis.pexpire(key, 7 * DAY)
  const due = record.revocation?.at ?? Math.min(record.expiresAt, record.absoluteExpiresAt)
  await redis.zadd(record.revocation === null ? living : revoked, due, record.handle)
  for (const index of keys.indexes(record)) await redis.zadd(index, -record.createdAt, record.handle)
}
