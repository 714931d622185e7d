import type { BffEvent, ServedBff } from '@bff/core'
import { origins } from '@bff/core/origins'
import type { Upstream } from '@bff/core/proxy'
import { openRemoteWorld } from './remote/remote-world.ts'
import type { ServedApp } from './served-app.ts'
import { withPatience } from './soon.ts'
import { Client } from './world/client.ts'
import type { Place } from './world/law-bff.ts'
import { type LawFrontends, lawFrontends } from './world/law-frontends.ts'
import { openSurroundings, openWorld, type World } from './world/world.ts'

/**
 * The options of {@link describeHttpAdapter}.
 *
 * `serve` starts a real server on a free loopback port, puts the adapter in front of it for all paths of {@link BFF_PATHS},
 * and gives it these routes, each by the framework's own means. They answer 200 with a JSON object:
 *
 * - `GET, POST /app/echo`: `{ method, target, body }`, the target with its query, the body as text, `''` for none.
 * - `GET, POST /app/guarded`: `{ user, body }`, behind the adapter's guard, which asks for the CSRF header as well.
 * - `GET /app/optional`: `{ user }`, `null` when nobody is signed in.
 *
 * Two of the BFF's own paths are reached in a special way:
 *
 * - Below `/mounted`, the adapter is mounted at that prefix, where the framework can mount something at a prefix.
 * - Below `/parsed`, something has read the request body to its end before the adapter sees the request.
 *
 * Errors of the guard and of the session lookup are answered as the adapter's README tells its users to.
 */
export interface HttpAdapterOptions {
  /** The name of the adapter in the titles of the laws, such as `express`. */
  readonly name: string
  /** The test function of your runner, such as that of vitest, Jest or `node:test`: called once per law. */
  readonly test: (name: string, run: () => Promise<void>) => unknown
  /**
   * Starts a server on a free loopback port, and resolves with `{ origin, close }`: called once per law. Or the address at
   * which `remoteApp` of `@bff/http-testkit/remote` does so, in another process.
   */
  readonly serve: ((bff: ServedBff) => Promise<ServedApp>) | URL
  /**
   * The transport behind the adapter, made once per law. With a remote `serve`, the other process makes it.
   *
   * @default `fetchUpstream()` of `@bff/core/proxy`
   */
  readonly upstream?: () => Upstream
  /** How long a law waits for each expected event, in milliseconds. @default 15_000 */
  readonly patienceMs?: number
}

/** The first segments of all paths that belong to the BFF of a law; every other path is the app's. */
export const BFF_PATHS = [
  '/bff',
  '/api',
  '/maybe',
  '/open',
  '/dead',
  '/mounted',
  '/parsed',
  '/session',
  '/login',
  '/callback',
] as const

/** What a law works with. */
export interface LawContext extends Omit<World, 'bff' | 'close'> {
  /** Adds, removes and signs in to frontends, in a law that has several. */
  readonly frontends: LawFrontends
  /** Speaks to the server under test. */
  readonly client: Client
  /** Revokes a session as the app behind the adapter does. */
  revoke: World['bff']['sessions']['revoke']
}

const NONE: LawFrontends = {
  add: () => Promise.reject(new TypeError('This law has one BFF.')),
  remove: () => Promise.reject(new TypeError('This law has one BFF.')),
  signIn: () => Promise.reject(new TypeError('This law has one BFF.')),
}

/** Registers one law. */
export type Law = (name: string, run: (context: LawContext) => Promise<void>, place?: Place) => void

/** Registers laws that each get a world and a server of their own, closed afterwards. */
export function lawsOf(options: HttpAdapterOptions, { webSockets = false } = {}): Law {
  const { name, test, serve, upstream, patienceMs = 15_000 } = options

  async function open(place: Place) {
    if (serve instanceof URL) return openRemoteWorld(serve, webSockets, place)
    if (place.frontends) return openFrontends(serve, place)
    const { basePath = '/bff', origins: all } = place
    const world = await openWorld({
      ...(upstream !== undefined && { upstream: upstream() }),
      webSockets,
      basePath,
      ...(all && { origin: origins(all) }),
    })
    try {
      const { origin, close } = await serve(world.bff)
      const closeAll = () => close().finally(world.close)
      return { ...world, origin, revoke: world.bff.sessions.revoke, frontends: NONE, close: closeAll }
    } catch (error) {
      await world.close()
      throw error
    }
  }

  async function openFrontends(start: (bff: ServedBff) => Promise<ServedApp>, place: Place) {
    const around = await openSurroundings(webSockets, place)
    const { settings, stores: store, provider, clock, events, api } = around
    const onEvent = (event: BffEvent) => void events.push(event)
    const frontends = lawFrontends(settings, { store, provider, clock, onEvent }, upstream)
    const { origin, close } = await start(frontends.all)
    return {
      ...around,
      origin,
      frontends,
      signIn: (userId = 'alice') => frontends.signIn('main', userId),
      revoke: async () => null,
      close: () => close().finally(() => Promise.all([frontends.all.close(), api.close()])),
    }
  }

  async function prove(run: (context: LawContext) => Promise<void>, place: Place): Promise<void> {
    const { origin, close, ...world } = await open(place)
    const client = new Client(origin)
    try {
      await run({ ...world, client })
    } finally {
      client.close()
      await close()
    }
  }

  return (law, run, place = {}) => {
    const [id = '', ...sentence] = law.split(' ')
    test(`${id} ${name}: ${sentence.join(' ')}`, () => withPatience(patienceMs, () => prove(run, place)))
  }
}
