import { type Bff, type BffConfig, createBff, generateEncryptionKey } from '@bff/core'
import { type FaultProxy, faultProxy } from '@bff/store-testkit'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { redisStore } from '../src/index.ts'
import { type RedisServer, startRedis, until } from './servers.ts'

const ORIGIN = 'https://app.example.com'
let server: RedisServer
let proxy: FaultProxy

beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server.stop())
beforeEach(async () => {
  proxy = await faultProxy({ host: '127.0.0.1', port: server.port })
})
afterEach(() => proxy.close())

/** A BFF whose store is behind the proxy, and the cookie of a session whose access token is over at once. */
function bffBehindProxy(prefix: string) {
  let refreshes = 0
  const tokens = {
    accessToken: 'access',
    refreshToken: 'refresh',
    expiresIn: 0.001,
    refreshTokenExpiresIn: null,
  }
  const none = async (): Promise<never> => {
    throw new Error('A refresh does not call this.')
  }
  const provider: NonNullable<BffConfig['provider']> = {
    isMaker: () => true,
    sharesGrants: () => false,
    authorize: none,
    exchange: none,
    verifyLogoutToken: none,
    apiToken: none,
    endSessionUrl: async () => null,
    revoke: async () => {},
    refresh: async () => {
      refreshes++
      return { ...tokens, expiresIn: 300, idToken: null, scope: null, dpopKeyPair: null, claims: null }
    },
  }
  const url = `redis://127.0.0.1:${proxy.port}`
  const store = redisStore({ url, prefix, operationTimeoutMs: 2_000 })
  const { setIfAbsent } = store.ttl
  let isLate = true
  store.ttl.setIfAbsent = async (...args) => {
    // The lease alone, the first time: the session has been read by then.
    if (isLate) await proxy.delay(4_000)
    isLate = false
    return setIfAbsent.apply(store.ttl, args)
  }
  const bff = createBff({
    origin: ORIGIN,
    store,
    encryptionKeys: [generateEncryptionKey()],
    provider,
    onEvent: () => {},
  })
  const signIn = async () =>
    (await bff.sessions.create({ userId: 'alice', tokens })).cookie.split(';')[0] ?? ''
  return { bff, signIn, refreshes: () => refreshes }
}

async function refresh(bff: Bff, cookie: string): Promise<number> {
  const headers = { cookie, 'x-csrf': '1', 'sec-fetch-site': 'same-origin' }
  return (await bff.fetch(new Request(`${ORIGIN}/bff/refresh`, { method: 'POST', headers }))).status
}

test('a Redis that answers the lease too late holds up no refresh once it answers again', async () => {
  const { bff, signIn, refreshes } = bffBehindProxy('late:')
  const cookie = await signIn()
  const store = redisStore({ url: server.url, prefix: 'late:', operationTimeoutMs: 10_000 })
  const [record] = (await store.sessions.list({ userId: 'alice' })).records
  const lease = () => store.ttl.get(`refresh:${record?.handle}`)
  expect(await refresh(bff, cookie)).toBe(503)
  expect(await lease()).not.toBeNull()
  await proxy.restore()
  expect(proxy.counts.delayed).toBeGreaterThan(0)
  const began = performance.now()
  await until(async () => (await refresh(bff, cookie)) === 200)
  expect(refreshes()).toBe(1)
  expect(performance.now() - began).toBeLessThan(20_000)
  expect(await lease()).toBeNull()
  await bff.close()
  await store.sessions.close()
})
