import { createBff, generateEncryptionKey, type SessionHandle } from '@bff/core'
import {
  bytes,
  fillPseudonymously,
  fullSession,
  HOUR,
  handle,
  revocation,
  session,
} from '@bff/store-testkit/fixtures'
import { Redis } from 'ioredis'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { redisStore } from '../src/index.ts'
import { Keys } from '../src/keys.ts'
import { isWaiting } from '../src/record.ts'
import { backdoor, START } from './harness.ts'
import { startRedis } from './servers.ts'

const DAY = 24 * HOUR

/** How many sessions are neither revoked nor waiting, at one moment. */
const COUNT_THERE = `
local there = 0
for _, key in ipairs(redis.call('KEYS', 'bff:s:*')) do
  local waits, _, revoked = struct.unpack('<BI4I4', redis.call('GETRANGE', key, 1, 9))
  if waits == 0 and revoked == 0 then there = there + 1 end
end
return there`

describe('what Redis holds', async () => {
  const server = await startRedis()
  const back = backdoor(server)
  const redis = new Redis(server.url)
  const keys = new Keys('bff:')
  const index = keys.index({ userId: 'user' })
  const stores = redisStore({ url: server.url, operationTimeoutMs: 5000 })
  const { sessions, ttl } = stores
  beforeEach(() => back.empty())
  afterAll(async () => {
    back.close()
    redis.disconnect()
    await sessions.close()
    await server.stop()
  })
  const create = (name: string | number, over = {}) =>
    sessions.create(session(START, { handle: handle(name), ...over }))
  const value = async (name: string) => (await redis.getBuffer(keys.record(handle(name)))) ?? Buffer.alloc(0)
  const waits = async (name: SessionHandle) => isWaiting(await value(name))
  const partsOf = async (name: string) => {
    const found = await value(name)
    return [found.subarray(0, 58), found.toString('utf8', 58, 58 + found.readUInt32LE(2))] as const
  }
  const members = () => redis.zrange(index, '0', '-1')
  const addStray = async (...names: string[]) => {
    for (const name of names) await redis.zadd(index, -START, handle(name))
  }

  test('every key ends: sessions after their end, tombstones after retention, indexes last [STO-09]', async () => {
    await create('living', { organizationId: 'o', providerSessionId: 'p' })
    await create('dead', { expiresAt: START - DAY })
    await create('revoked')
    await sessions.revoke(handle('revoked'), revocation(START))
    await ttl.set('key', 'value', HOUR)
    for (const key of await back.keys()) expect(await redis.pttl(key), key).toBeGreaterThan(0)
    const life = async (name: string) => (await redis.pttl(keys.session(handle(name))[0])) / DAY
    expect(await life('living')).toBeCloseTo(7 + 8 / 24, 1)
    expect(await life('dead')).toBeCloseTo(7, 1)
    expect(await life('revoked')).toBeCloseTo(7, 1)
    expect((await redis.pttl(index)) / DAY).toBeCloseTo(7 + 7 + 7, 1)
    await sessions.touch(handle('living'), START + HOUR, START + 6 * DAY)
    expect(await life('living')).toBeCloseTo(7 + 6 - 1 / 24, 1)
    await create('brief', { absoluteExpiresAt: START + HOUR })
    expect((await redis.pttl(index)) / DAY, 'an index never ends earlier').toBeCloseTo(7 + 7 + 7, 1)
  })

  test('reading removes entries of sessions that are gone, or of somebody else [STO-06]', async () => {
    await create('mine')
    await create('theirs', { userId: 'other' })
    await addStray('gone', 'theirs', ':{}*')
    expect((await sessions.list({ userId: 'user' })).records.map((record) => record.handle)).toEqual([
      handle('mine'),
    ])
    expect(await members()).toEqual([handle('mine')])
    expect(await sessions.get(handle('theirs'))).not.toBeNull()
  })

  test('an entry whose session is about to be written stays [STO-07]', async () => {
    await addStray('coming')
    await redis.zadd(index, Date.now(), `!${handle('coming')}`)
    await sessions.list({ userId: 'user' })
    expect(await members()).toContain(handle('coming'))
    await redis.zadd(index, 1000, `!${handle('coming')}`)
    await create('next')
    await sessions.list({ userId: 'user' })
    expect(await members(), 'a creator that died does not keep it for ever').toEqual([handle('next')])
  })

  test('an index nobody reads is pruned by creates [STO-06]', async () => {
    await create('kept')
    await addStray(...Array.from({ length: 200 }, (_, stray) => `stray${stray}`))
    const come = async (name: string) => {
      await create(name)
      await redis.del(keys.session(handle(name))[0])
    }
    for (let step = 0; step < 20; step++)
      await Promise.all(Array.from({ length: 20 }, (_, index) => come(`step${step}.${index}`)))
    expect(await redis.zcard(index)).toBeLessThan(100)
    expect(await members()).toContain(handle('kept'))
  })

  test('an update restores an index that was lost [STO-06]', async () => {
    await create('one', { organizationId: 'o' })
    await redis.del(index, keys.index({ organizationId: 'o' }))
    await sessions.update(handle('one'), { updatedAt: START + 1 }, 1)
    expect((await sessions.list({ userId: 'user' })).records).toHaveLength(1)
    expect((await sessions.list({ organizationId: 'o' })).records).toHaveLength(1)
  })

  test('what is corrupt keeps nothing else from being listed and revoked, and goes [flaw 32]', async () => {
    for (const name of ['good', 'text', 'torn', 'wrong', 'fine']) await create(name)
    await addStray('list')
    const key = (name: string) => keys.record(handle(name))
    await redis.set(key('text'), 'not a session')
    await redis.lpush(key('list'), 'not a string')
    await redis.set(key('torn'), (await value('torn')).subarray(0, 100))
    await redis.setrange(key('wrong'), 58, '{"broken"')
    await addStray('missing')
    const names = async () => (await sessions.list({ userId: 'user' })).records.map((record) => record.handle)
    expect(await names()).toEqual([handle('fine'), handle('good')])
    expect(await sessions.countActive({ userId: 'user' }, START)).toBe(2)
    await expect(sessions.get(handle('torn'))).rejects.toMatchObject({ code: 'seal_broken' })
    const { records } = await sessions.revokeAll({ userId: 'user' }, revocation(START))
    expect(records.map((record) => record.handle)).toEqual([handle('fine'), handle('good')])
    expect(await sessions.countActive({ userId: 'user' }, START)).toBe(0)
    for (const name of ['text', 'list', 'torn', 'wrong']) expect(await redis.exists(key(name)), name).toBe(0)
  })

  test('a newcomer stays, though its clock is behind [SS-22]', async () => {
    await create('first', { createdAt: START + 9 })
    await create('second', { createdAt: START + 8 })
    const late = session(START, { handle: handle('late') })
    expect(await sessions.create(late, { maxPerUser: 1 })).toEqual({
      evicted: [handle('second'), handle('first')],
    })
    expect((await sessions.get(late.handle))?.revocation).toBeNull()
  })

  test('never more than maxPerUser are there, however many sign in at once [SS-22]', async () => {
    await create('other', { issuer: null })
    const names: SessionHandle[] = []
    const evicted: SessionHandle[] = []
    const signIn = async () => {
      const createdAt = START + (names.length % 7)
      const name = handle(names.length)
      names.push(name)
      evicted.push(
        ...(await sessions.create(session(START, { handle: name, createdAt }), { maxPerUser: 3 })).evicted,
      )
    }
    const counts: number[] = []
    const count = async () => counts.push(Number(await redis.eval(COUNT_THERE, 0)))
    let creating = true
    const watching = (async () => {
      while (creating) await count()
    })()
    // However slowly the watcher is served, it has looked this often while others sign in.
    do await Promise.all(Array.from({ length: 20 }, signIn))
    while (counts.length < 50)
    creating = false
    await watching
    await count()
    // And the one of nobody else.
    expect(Math.max(...counts)).toBe(4)
    expect(evicted).toHaveLength(names.length - 3)
    expect(await sessions.countActive({ userId: 'user' }, START)).toBe(4)
    for (const name of names) expect(await waits(name)).toBe(false)
  })

  test('a session whose creator died while it waited is nowhere, and ends like any other [SS-22]', async () => {
    await create('first')
    await create('ghost', { createdAt: START + 1 })
    const ghost = handle('ghost')
    const wait = () => redis.setrange(keys.record(ghost), 1, '\x01')
    await wait()
    expect(await sessions.get(handle('ghost'))).toBeNull()
    expect((await sessions.list({ userId: 'user' })).records).toHaveLength(1)
    expect(await sessions.countActive({ userId: 'user' }, START)).toBe(1)
    const next = session(START, { handle: handle('next'), createdAt: START + 2 })
    expect(await sessions.create(next, { maxPerUser: 2 })).toEqual({ evicted: [handle('first')] })
    expect((await sessions.revokeAll({ userId: 'user' }, revocation(START))).records).toHaveLength(2)
    expect(await waits(ghost)).toBe(false)
    await wait()
    expect(await sessions.deleteAll({ userId: 'user' })).toBe(3)
  })

  test('cleanups at once delete each session once, and leave no entry behind [STO-17]', async () => {
    const expired = { expiresAt: START - 1, organizationId: 'o', providerSessionId: 'p' }
    await Promise.all(Array.from({ length: 300 }, (_, index) => create(index, expired)))
    const clean = () => sessions.cleanup({ now: START, limit: 100, retainRevokedMs: DAY })
    const outcomes = await Promise.all([clean(), clean(), clean(), clean(), clean()])
    expect(outcomes.every(({ deleted }) => deleted <= 100)).toBe(true)
    expect(outcomes.reduce((sum, { deleted }) => sum + deleted, 0)).toBe(300)
    expect(await back.keys()).toEqual([])
  })

  test('scripts are loaded again after the server forgot them', async () => {
    await create('before')
    await redis.script('FLUSH')
    await create('after')
    expect(await sessions.touch(handle('after'), START + 1, START + HOUR)).toBe(true)
  })

  test('fields of a newer version survive an update [flaw 33]', async () => {
    await create('one')
    const key = keys.record(handle('one'))
    const [head, members] = await partsOf(handle('one'))
    const [found, lengths] = JSON.parse(members)
    const newer = JSON.stringify([
      { ...found, newMember: 'member' },
      { newSealed: 3, ...lengths },
    ])
    head.writeUInt32LE(newer.length, 2)
    const sealed = (await value('one')).subarray(58 + members.length)
    await redis.set(key, Buffer.concat([head, Buffer.from(`${newer}new`), sealed]))
    const record = await sessions.update(
      handle('one'),
      { updatedAt: START + 1, accessTokenEncrypted: bytes(9) },
      1,
    )
    expect(record).toMatchObject({ accessTokenEncrypted: bytes(9), claimsEncrypted: bytes(40, 2) })
    const [, after] = await partsOf(handle('one'))
    expect(JSON.parse(after)).toMatchObject([
      { newMember: 'member' },
      { newSealed: 3, accessTokenEncrypted: 9 },
    ])
    expect((await value('one')).includes('new', 58 + after.length)).toBe(true)
  })

  test("a client of the app's lends its settings, and is left open", async () => {
    const client = new Redis(server.url, { keyPrefix: 'app:', db: 2 })
    const own = redisStore({ client, prefix: 'own:', operationTimeoutMs: 5000 })
    await own.sessions.create(fullSession(START))
    expect((await own.sessions.list({ userId: 'user' })).records).toHaveLength(1)
    expect((await redis.keys('*')).length).toBe(0)
    const received: unknown[] = []
    await own.events.subscribe('auth.logout', (event) => received.push(event))
    const event = { type: 'auth.logout', by: 'local', handle: handle('h'), userId: 'u', at: 1 } as const
    await own.events.publish('auth.logout', event)
    await expect.poll(() => received).toEqual([event])
    await own.sessions.close()
    expect(await client.keys('app:own:*')).not.toEqual([])
    expect(await client.ping()).toBe('PONG')
    client.disconnect()
  })

  test('a dump holds no session id, token or key', async () => {
    const key = generateEncryptionKey()
    const config = { origin: 'https://app.example', store: stores, encryptionKeys: [key] }
    const bff = createBff({ ...config, onEvent: () => {} })
    const tokens = { accessToken: 'access-secret', refreshToken: 'refresh-secret', idToken: 'id-secret' }
    const { session: made, cookie } = await bff.sessions.create({
      userId: 'user',
      issuer: 'https://idp.example',
      tokens,
      claims: { email: 'claim-secret' },
    })
    const id = /=([\w-]{43})/.exec(cookie)?.[1] ?? ''
    expect(id.startsWith(made.handle)).toBe(true)
    const dump = await dumpAll()
    expect(dump.includes(made.handle), 'the dump is read at all').toBe(true)
    const raw = Buffer.from(key, 'base64')
    for (const secret of [id, id.slice(16), ...Object.values(tokens), 'claim-secret', key, raw]) {
      expect(dump.includes(secret), String(secret)).toBe(false)
    }
  })

  test('behind withPseudonyms a dump holds nothing of a person [S0-4]', async () => {
    const { hidden, shown } = await fillPseudonymously(stores)
    const dump = await dumpAll()
    for (const text of shown) expect(dump.includes(text), 'the dump is read at all').toBe(true)
    for (const text of hidden) {
      expect(dump.includes(text), text).toBe(false)
      expect(dump.includes(Buffer.from(text).toString('base64url')), text).toBe(false)
    }
  })

  /** Names, serialised values and plain values of all keys. */
  async function dumpAll(): Promise<Buffer> {
    const found: Buffer[] = []
    for (const name of await back.keys()) {
      const type = await redis.type(name)
      found.push(Buffer.from(name), (await redis.dumpBuffer(name)) ?? Buffer.alloc(0))
      if (type === 'hash') for (const part of Object.values(await redis.hgetallBuffer(name))) found.push(part)
      if (type === 'zset') found.push(...(await redis.zrangeBuffer(name, '0', '-1')))
      if (type === 'string') found.push((await redis.getBuffer(name)) ?? Buffer.alloc(0))
    }
    return Buffer.concat(found)
  }
})
