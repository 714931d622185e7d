import { expect, it } from 'vitest'
import { memoryStore } from '../../../store-memory/src/index.ts'
import { type BffConfig, createBff, generateEncryptionKey } from '../../src/index.ts'
import { webRequestView } from '../../src/internal/http/web.ts'
import { apiProxy, type Upstream } from '../../src/proxy/index.ts'
import { memoryRateLimiter, type RateLimiter, rateLimit } from '../../src/rate-limit/index.ts'

const ORIGIN = 'https://app.example.com'

const bffNamed = (name: string, given: Partial<BffConfig> = {}) =>
  createBff({
    origin: ORIGIN,
    basePath: `/${name}`,
    cookie: { name: `__Host-${name}` },
    store: memoryStore(),
    encryptionKeys: [generateEncryptionKey()],
    onEvent: () => {},
    ...given,
  })

it('two BFFs that look at one request each find their own session', async () => {
  const [shop, admin] = [bffNamed('shop'), bffNamed('admin')]
  const alice = (await shop.sessions.create({ userId: 'alice' })).cookie.split(';')[0]
  const bob = (await admin.sessions.create({ userId: 'bob' })).cookie.split(';')[0]
  const view = (cookie: string) => webRequestView(new Request(ORIGIN, { headers: { cookie } }))
  const both = view(`${alice}; ${bob}`)
  expect((await shop.getSession(both))?.userId).toBe('alice')
  expect((await admin.getSession(both))?.userId).toBe('bob')
  const one = view(`${alice}`)
  expect((await shop.getSession(one))?.userId).toBe('alice')
  expect(await admin.getSession(one)).toBeNull()
})

it('a copy without close keeps an upstream and a limiter open for the other BFF', async () => {
  let closed = 0
  const upstream: Upstream = {
    send: async () => ({ status: 204, headers: [], body: null }),
    close: async () => void closed++,
  }
  const memory = memoryRateLimiter()
  const limiter: RateLimiter = {
    ...memory,
    async close() {
      closed++
      await memory.close()
    },
  }
  const sharing = (name: string) => {
    const lent = { close: async () => {} }
    return bffNamed(name, {
      proxy: apiProxy({
        routes: [{ path: '/api', target: 'https://api.example.com', token: 'none' }],
        upstream: { ...upstream, ...lent },
      }),
      plugins: [rateLimit({ limiter: { ...limiter, ...lent } })],
      clientAddress: () => '192.0.2.1',
    })
  }
  const [shop, admin] = [sharing('shop'), sharing('admin')]
  await shop.close()
  expect(closed).toBe(0)
  const asked = new Request(`${ORIGIN}/api/x`, {
    headers: { 'x-csrf': '1', 'sec-fetch-site': 'same-origin' },
  })
  expect((await admin.fetch(asked)).status).toBe(204)
})

it('names the paths it answers, those of plugins and proxied APIs too', () => {
  const { paths } = bffNamed('shop', {
    plugins: [() => ({ endpoints: { '/shop/own': { methods: {} }, '/auth/own': { methods: {} } } })],
    proxy: apiProxy({ routes: [{ path: '/api', target: 'https://api.example.com' }] }),
  })
  expect(paths).toEqual(['/shop/*', '/auth/own', '/api/*'])
})
