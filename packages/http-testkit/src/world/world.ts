import { createServer } from 'node:net'
import {
  type Bff,
  type BffEvent,
  createBff,
  generateEncryptionKey,
  type SessionHandle,
  type Stores,
} from '@bff/core'
import { apiProxy, type ProxyRoute, type Upstream } from '@bff/core/proxy'
import { memoryStore } from '@bff/store-memory'
import { EchoApi } from './api.ts'
import { type TestClock, testClock } from './clock.ts'
import { TestProvider } from './provider.ts'
import { WatchedStore } from './store.ts'

/** The public origin of every law's BFF. Its cookies are `Secure`, even if the server under test uses plain http. */
export const ORIGIN = 'https://app.example.com'

/** The lifetime of a session nobody uses, in milliseconds. */
export const IDLE_MS = 3_600_000

/** A BFF with everything around it in this process, for one law. */
export interface World {
  readonly bff: Bff
  readonly clock: TestClock
  readonly provider: TestProvider
  /** The API behind every proxied path but `/dead`, where nothing listens. */
  readonly api: EchoApi
  /** Counts and delays reads of sessions, and makes them fail. */
  readonly store: WatchedStore
  /** What the BFF reported, oldest first. */
  readonly events: readonly BffEvent[]
  /** Makes a session. */
  signIn(userId?: string): Promise<SignedIn>
  close(): Promise<void>
}

export interface SignedIn {
  /** The value of a `Cookie` header. */
  readonly cookie: string
  readonly handle: SessionHandle
  readonly accessToken: string
}

export interface WorldOptions {
  /** @default `fetchUpstream()` of `@bff/core/proxy` */
  readonly upstream?: Upstream
  /** Whether the API takes WebSockets below `/live`; `upstream` must be able to. @default false */
  readonly webSockets?: boolean
}

/**
 * Opens a world: an identity provider, stores and a clock in this process, an API on a free port, and a BFF whose
 * proxy serves each kind of route.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict'
 * import { openWorld } from '@bff/http-testkit'
 *
 * const { bff, clock, signIn, close } = await openWorld()
 * const { cookie } = await signIn('alice')
 * await clock.advance(3_600_001)
 * const request = new Request('https://app.example.com/api/orders', { headers: { cookie, 'x-csrf': '1' } })
 * assert.equal((await bff.fetch(request)).status, 401)
 * await close()
 * ```
 */
export async function openWorld({ upstream, webSockets = false }: WorldOptions = {}): Promise<World> {
  const clock = testClock()
  const provider = new TestProvider()
  const api = await EchoApi.listen()
  const inner = memoryStore({ clock })
  const store = new WatchedStore(inner.sessions)
  const stores: Stores = { ...inner, sessions: store.sessions }
  const events: BffEvent[] = []
  const routes = routesTo(api.origin, await originOfNobody())
  if (webSockets) routes.push({ path: '/live', target: api.origin, webSocket: true })
  const bff = createBff({
    origin: ORIGIN,
    store: stores,
    encryptionKeys: [generateEncryptionKey()],
    provider,
    proxy: apiProxy(upstream === undefined ? { routes } : { routes, upstream }),
    session: { idleTimeoutMs: IDLE_MS },
    clock,
    onEvent: (event) => events.push(event),
  })

  async function signIn(userId = 'alice'): Promise<SignedIn> {
    const accessToken = `access-token-of-${userId}`
    const { cookie, session } = await bff.sessions.create({
      userId,
      tokens: { accessToken, expiresIn: 86_400 },
    })
    return { cookie: cookie.split(';', 1)[0] ?? '', handle: session.handle, accessToken }
  }

  async function close(): Promise<void> {
    await bff.close()
    await api.close()
  }

  return { bff, clock, provider, api, store, events, signIn, close }
}

/** Cookies the API may set. */
export const API_COOKIES = ['theme', 'cart', 'seen'] as const

const routesTo = (target: string, dead: string): ProxyRoute[] => [
  { path: '/api', target, allowSetCookie: API_COOKIES },
  { path: '/maybe', target, token: 'userOrNone' },
  { path: '/open', target, token: 'none', maxBodyBytes: 0, replayBodyBytes: 0 },
  { path: '/mounted', target, stripPrefix: false },
  { path: '/parsed', target, token: 'none' },
  { path: '/dead', target: dead, token: 'none' },
]

/** An origin at which nothing listens: a port that was free a moment ago. */
async function originOfNobody(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
}
