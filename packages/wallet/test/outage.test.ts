import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Bff, BffError, type Stores } from '@bff/core'
import { type RedisServer, startRedis } from '@bff/servers'
import { memoryStore } from '@bff/store-memory'
import { redisStore } from '@bff/store-redis'
import { expect, it, onTestFinished } from 'vitest'
import { createInstance, postTo } from './support/instance.ts'
import { signingKeyPem } from './support/keys.ts'
import { bearer, jsonOf, newAccount, outcomeOf, siweOf, world } from './support/world.ts'

async function instanceOn(redis: RedisServer, keys: readonly string[], options = {}): Promise<Bff> {
  const encryptionKey = randomBytes(32).toString('base64')
  const bff = createInstance(redisStore({ url: redis.url }), { keys, encryptionKey, ...options })
  onTestFinished(() => bff.close())
  return bff
}

async function signInAt(bff: Bff, account = newAccount()): Promise<Record<string, string>> {
  const { token } = JSON.parse((await postTo(bff, '/auth/challenge', {}))[1])
  const signature = await account.signMessage({ message: siweOf(token, account.address) })
  const body = { challenge: token, signature, address: account.address }
  return JSON.parse((await postTo(bff, '/auth/login', body))[1])
}

async function check(bff: Bff, token: string, path = '/api/authorize'): Promise<number> {
  const headers = { authorization: `Bearer ${token}` }
  return (await bff.fetch(new Request(`https://app.example.com${path}`, { headers }))).status
}

it('Redis stopped, everything answers 503 and nothing 200; back by itself [flaw 39, JWT-04]', async () => {
  // It keeps what it knows: one that comes back empty makes everybody sign in again.
  const redis = await startRedis(['--appendonly', 'yes', '--appendfsync', 'always'])
  onTestFinished(() => redis.stop())
  const bff = await instanceOn(redis, [await signingKeyPem()])
  const account = newAccount()
  const pair = await signInAt(bff, account)
  const access = pair['access_token'] ?? ''
  const { token } = JSON.parse((await postTo(bff, '/auth/challenge', {}))[1])
  const signature = await account.signMessage({ message: siweOf(token, account.address) })
  const login = { challenge: token, signature, address: account.address }
  expect(await check(bff, access)).toBe(200)

  await redis.crash()
  for (let round = 0; round < 3; round++) {
    const posts = [
      ['/auth/challenge', {}],
      ['/auth/login', login],
      ['/auth/refresh', pair],
      ['/auth/logout', pair],
    ] as const
    const statuses = await Promise.all([
      check(bff, access),
      check(bff, access, '/api/me'),
      ...posts.map(async ([path, body]) => (await postTo(bff, path, body))[0]),
    ])
    expect(statuses).toEqual([503, 503, 503, 503, 503, 503])
  }
  await redis.start()
  const deadline = Date.now() + 10_000
  while ((await check(bff, access)) !== 200 && Date.now() < deadline) await sleep(50)
  expect(await check(bff, access)).toBe(200)
  expect((await postTo(bff, '/auth/refresh', pair))[0]).toBe(200)
  expect((await signInAt(bff))['access_token']).toEqual(expect.any(String))
})

it('a store that lost its content revives nobody: tokens signed out before, and those that were good, are refused', async () => {
  const keys = [await signingKeyPem()]
  const encryptionKey = randomBytes(32).toString('base64')
  const on = (stores: Stores) => createInstance(stores, { keys, encryptionKey })
  const before = on(memoryStore())
  const [signedOut, living] = [await signInAt(before), await signInAt(before)]
  expect((await postTo(before, '/auth/logout', signedOut))[0]).toBe(200)
  const after = on(memoryStore())
  for (const pair of [signedOut, living]) {
    expect(await check(after, pair['access_token'] ?? '')).toBe(401)
    expect((await postTo(after, '/auth/refresh', pair))[0]).toBe(401)
    expect((await postTo(after, '/auth/logout', pair))[0]).toBe(200)
  }
  const anew = await signInAt(after)
  expect((await postTo(after, '/auth/refresh', anew))[0]).toBe(200)
})

it('acknowledges a sign-out in durable mode only once a replica has it, however often it is repeated', async () => {
  const redis = await startRedis()
  onTestFinished(() => redis.stop())
  const [keys, encryptionKey] = [[await signingKeyPem()], randomBytes(32).toString('base64')]
  // Nothing but an end waits for the replica, which is not there.
  const durable = { replicas: 1, timeoutMs: 50 }
  const bff = createInstance(redisStore({ url: redis.url, durable }), { keys, encryptionKey })
  onTestFinished(() => bff.close())
  const pair = await signInAt(bff)
  const [status, text] = await postTo(bff, '/auth/refresh', pair)
  expect(status).toBe(200)
  for (let attempt = 0; attempt < 2; attempt++)
    expect((await postTo(bff, '/auth/logout', JSON.parse(text)))[0]).toBe(503)
  // A reuse ends the family as well.
  const other = await signInAt(bff)
  await postTo(bff, '/auth/refresh', other)
  expect((await postTo(bff, '/auth/refresh', other))[0]).toBe(503)
})

it('what another instance remembers of a token is dropped when it signs out [S4-22]', async () => {
  const redis = await startRedis()
  onTestFinished(() => redis.stop())
  const keys = [await signingKeyPem()]
  const here = await instanceOn(redis, keys)
  const there = await instanceOn(redis, keys, { checkCacheMs: 10_000 })
  const account = newAccount()
  const [pair, other] = [await signInAt(here, account), await signInAt(here)]
  const [access = '', otherAccess = ''] = [pair['access_token'], other['access_token']]
  expect(await Promise.all([check(there, access), check(there, otherAccess)])).toEqual([200, 200])
  expect((await postTo(here, '/auth/logout', pair))[0]).toBe(200)
  const deadline = Date.now() + 5_000
  while ((await check(there, access)) === 200 && Date.now() < deadline) await sleep(10)
  expect(await check(there, access)).toBe(401)
  // Only what was remembered of others still answers without the store.
  await redis.crash()
  expect(await Promise.all([check(there, access), check(there, otherAccess)])).toEqual([503, 200])
})

it('remembers nothing unless asked to, no longer than asked to, and never past a token’s end', async () => {
  const counted = async (options: { checkCacheMs?: number }) => {
    const made = await world(options)
    const { get } = made.store.ttl
    let reads = 0
    made.store.ttl.get = (key) => {
      reads++
      return get.call(made.store.ttl, key)
    }
    const { access_token } = await made.signIn()
    reads = 0
    const readsOf = async () => {
      const before = reads
      const status = (await made.send('/api/me', bearer(access_token))).status
      return [status, reads - before]
    }
    return { ...made, readsOf }
  }
  const plain = await counted({})
  expect([await plain.readsOf(), await plain.readsOf()]).toEqual([
    [200, 2],
    [200, 2],
  ])
  const caching = await counted({ checkCacheMs: 10_000 })
  expect([await caching.readsOf(), await caching.readsOf()]).toEqual([
    [200, 2],
    [200, 0],
  ])
  caching.clock.jump(10_000)
  expect(await caching.readsOf()).toEqual([200, 2])
  caching.clock.jump(285_000)
  expect(await caching.readsOf()).toEqual([200, 2])
  caching.clock.jump(10_000)
  expect(await caching.readsOf()).toEqual([401, 0])
})

it('remembers nothing while it cannot hear of sign-outs', async () => {
  const { signIn, send, store, post } = await world({ checkCacheMs: 10_000 })
  const { subscribe } = store.events
  store.events.subscribe = async () => {
    throw new BffError('store_unavailable')
  }
  const pair = await signIn()
  expect((await send('/api/me', bearer(pair.access_token))).status).toBe(200)
  await post('/auth/logout', pair)
  expect((await send('/api/me', bearer(pair.access_token))).status).toBe(401)
  store.events.subscribe = subscribe
  const next = await signIn()
  expect((await send('/api/me', bearer(next.access_token))).status).toBe(200)
})

it('a store that fails within a refresh uses up no token', async () => {
  const { signIn, post, store } = await world()
  const pair = await signIn()
  const { get } = store.ttl
  store.ttl.get = async () => {
    throw new BffError('store_unavailable')
  }
  expect(outcomeOf(await post('/auth/refresh', pair))).toBe('503 store_unavailable')
  store.ttl.get = get
  expect((await post('/auth/refresh', pair)).status).toBe(200)
})

it('faults of our own have the words of their route [S4-1, S4-3, S4-5]', async () => {
  const { signIn, post, challenge, store, events } = await world()
  const pair = await signIn()
  const account = newAccount()
  const token = await challenge()
  const signature = await account.signMessage({ message: siweOf(token, account.address) })
  const broken = async (): Promise<never> => {
    throw new RangeError('a bug')
  }
  Object.assign(store.ttl, { get: broken, set: broken, take: broken, setIfAbsent: broken })
  expect(outcomeOf(await post('/auth/challenge'))).toBe('500 failed to create challenge')
  const login = { challenge: token, signature, address: account.address }
  expect(outcomeOf(await post('/auth/login', login))).toBe('500 failed to create tokens')
  expect(outcomeOf(await post('/auth/refresh', pair))).toBe('500 failed to create tokens')
  const reply = await post('/auth/logout', pair)
  expect(jsonOf(reply)).toEqual({ error: 'failed to invalidate token' })
  const failures = events.flatMap((event) => (event.type === 'request.failed' ? [event.path] : []))
  expect(failures).toEqual(['/auth/challenge', '/auth/login', '/auth/refresh', '/auth/logout'])
})
