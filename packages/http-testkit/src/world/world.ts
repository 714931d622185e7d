import { createServer } from 'node:net'
import { type Bff, type BffConfig, type BffEvent, generateEncryptionKey, type Stores } from '@bff/core'
import type { Upstream } from '@bff/core/proxy'
import { memoryStore } from '@bff/store-memory'
import { EchoApi } from './api.ts'
import { type TestClock, testClock } from './clock.ts'
import { type LawSettings, lawBff, ORIGIN, type Place, type SignedIn, signInTo } from './law-bff.ts'
import { TestProvider } from './provider.ts'
import { WatchedStore } from './store.ts'

export { API_COOKIES, IDLE_MS, ORIGIN, type SignedIn } from './law-bff.ts'

/** Everything around a BFF, for one law. */
export interface Surroundings {
  readonly clock: TestClock
  readonly provider: TestProvider
  /** The API behind every proxied path but `/dead`, where nothing listens. */
  readonly api: EchoApi
  /** Counts and delays reads of sessions, and makes them fail. */
  readonly store: WatchedStore
  /** What the BFF reported, oldest first. */
  readonly events: BffEvent[]
  readonly stores: Stores
  readonly settings: LawSettings
}

/** A BFF with everything around it in this process, for one law. */
export interface World extends Pick<Surroundings, 'clock' | 'provider' | 'api' | 'store'> {
  readonly bff: Bff
  /** What the BFF reported, oldest first. */
  readonly events: readonly BffEvent[]
  /** Makes a session. */
  signIn(userId?: string): Promise<SignedIn>
  close(): Promise<void>
}

export interface WorldOptions {
  /** @default `fetchUpstream()` of `@bff/core/proxy` */
  readonly upstream?: Upstream
  /** Whether the API takes WebSockets below `/live`; `upstream` must be able to. @default false */
  readonly webSockets?: boolean
  /** @default `/bff` */
  readonly basePath?: string
  /** @default {@link ORIGIN} */
  readonly origin?: BffConfig['origin']
}

/** Opens an identity provider, stores and a clock in this process, and an API on a free port. */
export async function openSurroundings(
  webSockets: boolean,
  { basePath = '/bff', origins = null, frontends = false }: Place = {},
): Promise<Surroundings> {
  const clock = testClock()
  const api = await EchoApi.listen()
  const inner = memoryStore({ clock })
  const store = new WatchedStore(inner.sessions)
  const settings = {
    encryptionKey: generateEncryptionKey(),
    api: api.origin,
    dead: await originOfNobody(),
    webSockets,
    basePath,
    origins,
    frontends,
  }
  const stores = { ...inner, sessions: store.sessions }
  return { clock, provider: new TestProvider(), api, store, events: [], stores, settings }
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
export async function openWorld({
  upstream,
  webSockets = false,
  basePath = '/bff',
  origin = ORIGIN,
}: WorldOptions = {}): Promise<World> {
  const around = await openSurroundings(webSockets, { basePath })
  const { clock, provider, api, store, events, stores, settings } = around
  const onEvent = (event: BffEvent) => void events.push(event)
  const bff = lawBff(settings, { store: stores, provider, clock, onEvent }, upstream, origin)
  const signIn = (userId = 'alice') => signInTo(bff, userId)

  async function close(): Promise<void> {
    await bff.close()
    await api.close()
  }

  return { bff, clock, provider, api, store, events, signIn, close }
}

/** An origin at which nothing listens: a port that was free a moment ago. */
async function originOfNobody(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
}
