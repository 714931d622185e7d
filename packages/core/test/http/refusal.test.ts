import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../../store-memory/src/index.ts'
import { withOutage } from '../../../testing/src/outage.ts'
import { type BffConfig, createBff, generateEncryptionKey } from '../../src/index.ts'
import { apiProxy } from '../../src/proxy/index.ts'
import { rateLimit } from '../../src/rate-limit/index.ts'

const ORIGIN = 'https://app.example.com'
const NAVIGATION = { accept: 'text/html', 'sec-fetch-mode': 'navigate', 'sec-fetch-site': 'same-origin' }
const FETCH = { accept: '*/*', 'sec-fetch-mode': 'cors', 'sec-fetch-site': 'same-origin', 'x-csrf': '1' }

function bffWith(config: Partial<BffConfig> = {}) {
  return createBff({
    origin: ORIGIN,
    store: memoryStore(),
    encryptionKeys: [generateEncryptionKey()],
    onEvent: () => {},
    proxy: apiProxy({
      routes: [{ path: '/files', target: 'https://files.example.com', csrf: 'same-origin' }],
      upstream: {
        send: async () => ({ status: 401, headers: [], body: new Blob(['the API']).stream() }),
        close: async () => {},
      },
    }),
    ...config,
  })
}

const get = (path: string, headers: Record<string, string>) => new Request(ORIGIN + path, { headers })

const REFUSALS = [
  {
    status: 401,
    code: 'no_session',
    shown: '<a href="/bff/login">Sign in</a>',
    refuse: (headers: Record<string, string>) => bffWith().fetch(get('/files/report.pdf', headers)),
  },
  {
    status: 403,
    code: 'csrf_violation',
    shown: 'not for the address bar',
    refuse: ({ 'x-csrf': _, ...headers }: Record<string, string>) =>
      bffWith().fetch(get('/bff/session', headers)),
  },
  {
    status: 429,
    code: 'rate_limited',
    shown: '<a href="">Try again</a>',
    refuse: async (headers: Record<string, string>) => {
      const bff = bffWith({ plugins: [rateLimit({ burst: 1, key: () => 'one' })] })
      await bff.fetch(get('/bff/session', headers))
      return bff.fetch(get('/bff/session', headers))
    },
  },
  {
    status: 503,
    code: 'store_unavailable',
    shown: 'You stay signed in.',
    refuse: (headers: Record<string, string>) => {
      const store = withOutage(memoryStore())
      store.down = true
      const cookie = `__Host-Http-bff=${'x'.repeat(43)}`
      return bffWith({ store }).fetch(get('/files/report.pdf', { ...headers, cookie }))
    },
  },
  {
    status: 503,
    code: 'shutting_down',
    shown: '<a href="">Try again</a>',
    refuse: async (headers: Record<string, string>) => {
      const bff = bffWith()
      await bff.close()
      return bff.fetch(get('/bff/session', headers))
    },
  },
] as const

describe.each(REFUSALS)('A refusal with $status $code', ({ status, code, shown, refuse }) => {
  it('is a small page for a person who opens the address', async () => {
    const reply = await refuse(NAVIGATION)
    const page = await reply.text()
    expect([reply.status, reply.headers.get('content-type')]).toEqual([status, 'text/html; charset=utf-8'])
    expect(page).toContain(`data-error="${code}"`)
    expect(page).toContain(shown)
    expect(reply.headers.get('cache-control')).toBe('no-store')
    expect(reply.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(reply.headers.has('retry-after')).toBe(status === 429 || status === 503)
  })

  it('is JSON for a script', async () => {
    const reply = await refuse(FETCH)
    expect(reply.status).toBe(status)
    expect(await reply.json()).toMatchObject({ error: code })
  })
})

it('An API’s own 401 reaches a person as the API sent it', async () => {
  const bff = bffWith({
    proxy: apiProxy({
      routes: [{ path: '/open', target: 'https://open.example.com', token: 'none', csrf: 'same-origin' }],
      upstream: {
        send: async () => ({ status: 401, headers: [], body: new Blob(['the API']).stream() }),
        close: async () => {},
      },
    }),
  })
  expect(await (await bff.fetch(get('/open/x', NAVIGATION))).text()).toBe('the API')
})
