import { manualClock } from '@bff/test-support/clock'
import { testOptions } from '@bff/test-support/options'
import { vi } from 'vitest'
import { memoryStore } from '../../../store-memory/src/index.ts'
import { createMiddleware, type SessionMiddleware, stack } from '../../src/compose/index.ts'
import {
  createParts,
  generateEncryptionKey,
  jsonReply,
  type PartsConfig,
  type StandaloneParts,
} from '../../src/index.ts'
import { SHARED_PAUSE_MS } from '../../src/revocation/revocation-queue.ts'
import { ORIGIN, RecordingUpstream, request, ScriptedProvider } from '../world.ts'
import { markedEncryptor } from './marked-encryptor.ts'

const [KEY, OLDER_KEY] = [generateEncryptionKey(), generateEncryptionKey()]
const kept = memoryStore()
const told: string[] = []

function partsWith(options: Partial<PartsConfig>): StandaloneParts & SessionMiddleware {
  const sealing = options.encryptor === undefined ? { encryptionKeys: [KEY] } : {}
  const parts = createParts({ origin: ORIGIN, store: memoryStore(), ...sealing, ...options })
  return { ...parts, ...createMiddleware(parts) }
}

/** The parts of an app with a provider and a clock, and what its signed-in user's script sends. */
async function signedIn(options: Partial<PartsConfig>) {
  const clock = manualClock()
  const provider = new ScriptedProvider()
  const parts = partsWith({ clock, provider, ...options })
  const { session, cookie } = await parts.sessions.create({ userId: 'alice', tokens: provider.tokens() })
  const headers = { cookie: cookie.split(';')[0] ?? '', 'x-csrf': '1', 'sec-fetch-site': 'same-origin' }
  return { parts, clock, provider, session, cookie, headers }
}

/** How the app's own route behind `requireSession()` answers. */
async function asked(parts: SessionMiddleware, headers: Record<string, string>): Promise<number> {
  const handler = stack([parts.requireSession()], async () => jsonReply(200, null))
  return (await handler(request('GET', '/profile', headers))).status
}

testOptions<PartsConfig>('PartsConfig', {
  origin: {
    set: 'https://shop.example.com',
    see: (options) => asked(partsWith(options), { 'x-csrf': '1', origin: 'https://shop.example.com' }),
    shows: [403, 401],
  },
  store: {
    set: kept,
    async see(options) {
      await partsWith(options).sessions.create({ userId: 'alice' })
      return kept.count()
    },
    shows: [0, 1],
  },
  encryptionKeys: {
    set: [KEY, OLDER_KEY],
    async see(options) {
      const store = memoryStore()
      const before = partsWith({ store, encryptionKeys: [OLDER_KEY] })
      const { cookie } = await before.sessions.create({ userId: 'alice', claims: { name: 'Alice' } })
      const parts = partsWith({ store, onEvent: () => {}, ...options })
      const handler = stack([parts.optionalSession()], async (view) => {
        const identity = await parts.getSession(view)?.identity()
        return jsonReply(200, identity?.claims)
      })
      const { status, body } = await handler(request('GET', '/', { cookie: cookie.split(';')[0] ?? '' }))
      return status === 200 ? body : status
    },
    shows: [503, '{"name":"Alice"}'],
  },
  encryptor: {
    set: markedEncryptor,
    async see(options) {
      const store = memoryStore()
      const { session } = await partsWith({ store, ...options }).sessions.create({ userId: 'alice' })
      return (await store.sessions.get(session.handle))?.claimsEncrypted?.[0]
    },
    shows: [1, 7],
  },
  provider: {
    set: new ScriptedProvider(),
    async see(options) {
      const parts = partsWith(options)
      const tokens = { accessToken: 'granted', refreshToken: 'r' }
      const { session } = await parts.sessions.create({ userId: 'alice', tokens })
      return parts.refresh(session).then(
        async (refreshed) => (await refreshed?.tokens())?.accessToken,
        ({ code }) => code,
      )
    },
    shows: ['not_configured', 'access-1'],
  },
  cookie: {
    set: { name: 'app' },
    see: (options) => partsWith(options).cookie.clear().split('=')[0],
    shows: ['__Host-Http-bff', 'app'],
  },
  session: {
    set: { absoluteTimeoutMs: 60_000 },
    see: async (options) => (await signedIn(options)).cookie.split('; ')[2],
    shows: ['Max-Age=604800', 'Max-Age=60'],
  },
  csrf: {
    set: { headerName: 'x-app' },
    see: (options) => asked(partsWith(options), { 'x-app': '1', 'sec-fetch-site': 'same-origin' }),
    shows: [403, 401],
  },
  logout: {
    set: { revokeTokens: 'never' },
    async see(options) {
      const { parts, session, provider, clock } = await signedIn(options)
      await parts.sessions.revoke(session.handle)
      await clock.advance(SHARED_PAUSE_MS)
      return provider.revoked
    },
    shows: [['refresh-1'], []],
  },
  refresh: {
    set: { thresholdMs: 0 },
    async see(options) {
      const { parts, clock, provider, headers } = await signedIn(options)
      await clock.advance(59_000)
      const handler = stack([parts.requireSession(), parts.autoRefresh()], async () => jsonReply(200, null))
      await handler(request('GET', '/profile', headers))
      return provider.calls
    },
    shows: [['refresh'], []],
  },
  clientAddress: {
    set: () => '203.0.113.9',
    async see(options) {
      const { parts, headers } = await signedIn(options)
      const upstream = new RecordingUpstream()
      const orders = parts.proxyTo({ path: '/api', target: 'https://orders.internal' }, upstream)
      await orders(request('GET', '/api/orders', headers))
      return new Map(upstream.requests[0]?.headers).get('x-forwarded-for')
    },
    shows: ['192.0.2.7', '203.0.113.9'],
  },
  hooks: {
    set: {
      onSessionLoad: ({ userId }) => {
        throw new Error(`${userId} is suspended`)
      },
    },
    async see(options) {
      const { parts, headers } = await signedIn({ onEvent: () => {}, ...options })
      return asked(parts, headers)
    },
    shows: [200, 401],
  },
  onEvent: {
    set: ({ type }) => void told.push(type),
    see(options) {
      const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
      partsWith({ origin: 'http://localhost:3000', ...options })
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
      const { session } = await partsWith(options).sessions.create({ userId: 'alice' })
      return new Date(session.absoluteExpiresAt).toISOString() === '2030-01-08T00:00:00.000Z'
    },
    shows: [false, true],
  },
})
