import { manualClock } from '@bff/test-support/clock'
import { testOptions } from '@bff/test-support/options'
import { vi } from 'vitest'
import { memoryStore } from '../../../store-memory/src/index.ts'
import {
  type AuthorizationRequest,
  type BffConfig,
  createBff,
  generateEncryptionKey,
  jsonReply,
  type Reply,
} from '../../src/index.ts'
import { apiProxy } from '../../src/proxy/index.ts'
import { sessionCache } from '../../src/store/index.ts'
import { Browser, headerOf, jsonOf, ORIGIN, RecordingUpstream, ScriptedProvider, world } from '../world.ts'
import { markedEncryptor } from './marked-encryptor.ts'

const [KEY, OLDER_KEY] = [generateEncryptionKey(), generateEncryptionKey()]
const kept = memoryStore()
const told: string[] = []

/** A store that counts how often a session is read. */
function countingStore() {
  const { sessions, ...stores } = memoryStore()
  const get = vi.spyOn(sessions, 'get')
  return { store: { ...stores, sessions }, reads: () => get.mock.calls.length }
}

/** A BFF of nothing but what it cannot do without. */
function bffWith(options: Partial<BffConfig>) {
  const sealing = options.encryptor === undefined ? { encryptionKeys: [KEY] } : {}
  return createBff({ origin: ORIGIN, store: memoryStore(), ...sealing, ...options })
}

async function answered(options: Partial<BffConfig>, method: string, target: string): Promise<Reply | null> {
  const bff = bffWith(options)
  return (await bff.handle(new Browser(bff).view(method, target))) ?? null
}

/** A signed-in user of a BFF that has all its parts. */
async function signedIn(options: Partial<BffConfig>) {
  const all = world(options)
  const user = all.browser()
  const reply = await user.signIn()
  return { ...all, user, reply }
}

testOptions<BffConfig>('BffConfig', {
  origin: {
    set: 'https://shop.example.com',
    async see(options) {
      const provider = Object.assign(new ScriptedProvider(), {
        authorize: async ({ redirectUri }: AuthorizationRequest) => ({ url: redirectUri, transaction: {} }),
      })
      const reply = await new Browser(bffWith({ ...options, provider })).navigate('/bff/login')
      return headerOf(reply, 'location')
    },
    shows: ['https://app.example.com/bff/callback', 'https://shop.example.com/bff/callback'],
  },
  store: {
    set: kept,
    async see(options) {
      await bffWith(options).sessions.create({ userId: 'alice' })
      return kept.count()
    },
    shows: [0, 1],
  },
  encryptionKeys: {
    set: [KEY, OLDER_KEY],
    async see(options) {
      const store = memoryStore()
      const before = bffWith({ store, encryptionKeys: [OLDER_KEY] })
      const { cookie } = await before.sessions.create({ userId: 'alice', claims: { name: 'Alice' } })
      const now = new Browser(bffWith({ store, onEvent: () => {}, ...options }))
      now.keep(cookie)
      return jsonOf(await now.fetch('GET', '/bff/user'))[0]?.value ?? 'not opened'
    },
    shows: ['not opened', 'Alice'],
  },
  encryptor: {
    set: markedEncryptor,
    async see(options) {
      const store = memoryStore()
      const { session } = await bffWith({ store, ...options }).sessions.create({ userId: 'alice' })
      return (await store.sessions.get(session.handle))?.claimsEncrypted?.[0]
    },
    shows: [1, 7],
  },
  provider: {
    set: new ScriptedProvider(),
    see: async (options) => (await answered(options, 'GET', '/bff/login'))?.status,
    shows: [501, 303],
  },
  returnToOrigins: {
    set: ['https://www.example.com'],
    async see(options) {
      const user = world(options).browser()
      const reply = await user.navigate('/bff/login?returnTo=https://www.example.com/home')
      return headerOf(reply, 'location')?.split('?')[1]?.split('=')[0]
    },
    shows: ['error', 'state'],
  },
  basePath: {
    set: '/auth',
    async see(options) {
      const replies = ['/bff/session', '/auth/session'].map((path) => answered(options, 'GET', path))
      return (await Promise.all(replies)).map((reply) => reply?.status ?? 'a path of the app')
    },
    shows: [
      [200, 'a path of the app'],
      ['a path of the app', 200],
    ],
  },
  cookie: {
    set: { name: 'app' },
    see: async (options) => [...(await signedIn(options)).user.cookies.keys()],
    shows: [['__Host-Http-bff'], ['app']],
  },
  session: {
    set: { absoluteTimeoutMs: 60_000 },
    see: async (options) => headerOf((await signedIn(options)).reply, 'set-cookie')?.split('; ')[2],
    shows: ['Max-Age=604800', 'Max-Age=60'],
  },
  csrf: {
    set: { headerValue: 'yes' },
    see: async (options) => (await answered(options, 'GET', '/bff/session'))?.status,
    shows: [200, 403],
  },
  login: {
    set: { parameters: { prompt: 'login' } },
    see: async (options) => (await signedIn(options)).provider.asked,
    shows: [[{}], [{ prompt: 'login' }]],
  },
  logout: {
    set: { endProviderSession: false },
    see: async (options) => jsonOf(await (await signedIn(options)).user.fetch('POST', '/bff/logout')),
    shows: [
      { message: 'Logged out successfully', logout_url: 'https://idp.example.com/end' },
      { message: 'Logged out successfully' },
    ],
  },
  refresh: {
    set: { thresholdMs: 0 },
    async see(options) {
      const { user, clock, provider } = await signedIn(options)
      await clock.advance(59_000)
      await user.fetch('GET', '/api/orders')
      return provider.calls.includes('refresh')
    },
    shows: [true, false],
  },
  proxy: {
    set: apiProxy({
      routes: [{ path: '/api', target: 'https://orders.internal', token: 'none' }],
      upstream: new RecordingUpstream(),
    }),
    see: async (options) => (await answered(options, 'GET', '/api/orders'))?.status ?? 'a path of the app',
    shows: ['a path of the app', 200],
  },
  plugins: {
    set: [() => ({ endpoints: { '/bff/hello': { methods: { GET: async () => jsonReply(200, 'hello') } } } })],
    see: async (options) => (await answered(options, 'GET', '/bff/hello'))?.status,
    shows: [404, 200],
  },
  clientAddress: {
    set: () => '203.0.113.9',
    async see(options) {
      const { bff, user, upstream } = await signedIn(options)
      await user.fetch('GET', '/api/orders')
      const forwardedFor = new Map(upstream.requests[0]?.headers).get('x-forwarded-for')
      return [(await bff.getSession(user.view('GET', '/')))?.ipAddress, forwardedFor]
    },
    shows: [
      ['192.0.2.7', '192.0.2.7'],
      ['203.0.113.9', '203.0.113.9'],
    ],
  },
  cache: {
    set: sessionCache(),
    async see(options) {
      const { store, reads } = countingStore()
      const bff = bffWith({ ...options, store, clock: manualClock() })
      const user = new Browser(bff)
      user.keep((await bff.sessions.create({ userId: 'alice' })).cookie)
      for (let use = 0; use < 4; use++) await bff.getSession(user.view('GET', '/'))
      await bff.close()
      return reads()
    },
    shows: [4, 2],
  },
  hooks: {
    set: { onCreateSession: () => ({ organizationId: 'org-1' }) },
    see: async (options) =>
      jsonOf(await (await signedIn(options)).user.fetch('GET', '/bff/session')).organization_id ?? null,
    shows: [null, 'org-1'],
  },
  onEvent: {
    set: ({ type }) => void told.push(type),
    see(options) {
      const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
      bffWith({ origin: 'http://localhost:3000', ...options })
      const warned = warn.mock.calls.map(([text]) => text)
      warn.mockRestore()
      return { warned, told: [...told] }
    },
    shows: [
      { warned: ['[bff] config.insecure'], told: [] },
      { warned: [], told: ['config.insecure'] },
    ],
  },
  clock: {
    set: manualClock(Date.UTC(2030, 0, 1)),
    async see(options) {
      const { session } = await bffWith(options).sessions.create({ userId: 'alice' })
      return new Date(session.absoluteExpiresAt).toISOString() === '2030-01-08T00:00:00.000Z'
    },
    shows: [false, true],
  },
})
