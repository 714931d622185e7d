import type { Bff } from '@bff/core'
import type { Upstream } from '@bff/core/proxy'
import { withPatience } from './soon.ts'
import { Client } from './world/client.ts'
import { openWorld, type World } from './world/world.ts'

/** A running server with the adapter under test. */
export interface ServedApp {
  /** Such as `http://127.0.0.1:49152`. */
  readonly origin: string
  /** Stops the server and closes all open connections. */
  close(): Promise<void>
}

/**
 * The options of {@link describeHttpAdapter}.
 *
 * `serve` starts a real server on a free loopback port, puts the adapter in front of it for all paths of {@link BFF_PATHS},
 * and gives it these routes, each by the framework's own means:
 *
 * | Route | Answers 200 with the JSON object | | ------------------------ |
 * -------------------------------------------------------------------------------------- | | `GET, POST /app/echo` |
 * `{ method, target, body }`: the target with its query, the body as text, `''` for none | | `GET, POST /app/guarded` |
 * `{ user, body }`, behind the adapter's guard, which asks for the CSRF header as well | | `GET /app/optional` | `{ user }`,
 * `null` when nobody is signed in |
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
  /** Called once per law. */
  readonly serve: (bff: Bff) => Promise<ServedApp>
  /** The transport behind the adapter, made once per law. @default `fetchUpstream()` of `@bff/core/proxy` */
  readonly upstream?: () => Upstream
  /** How long a law waits for each expected event, in milliseconds. @default 4_000 */
  readonly patienceMs?: number
}

/** The first segments of all paths that belong to the BFF of a law; every other path is the app's. */
export const BFF_PATHS = ['/bff', '/api', '/maybe', '/open', '/dead', '/mounted', '/parsed'] as const

/** What a law works with. */
export interface LawContext extends World {
  /** Speaks to the server under test. */
  readonly client: Client
}

/** Registers one law. */
export type Law = (name: string, run: (context: LawContext) => Promise<void>) => void

/** Registers laws that each get a world and a server of their own, closed afterwards. */
export function lawsOf(options: HttpAdapterOptions, { webSockets = false } = {}): Law {
  const { name, test, serve, upstream, patienceMs = 4_000 } = options

  async function prove(run: (context: LawContext) => Promise<void>): Promise<void> {
    const world = await openWorld({ ...(upstream !== undefined && { upstream: upstream() }), webSockets })
    try {
      const served = await serve(world.bff)
      const client = new Client(served.origin)
      try {
        await run({ ...world, client })
      } finally {
        client.close()
        await served.close()
      }
    } finally {
      await world.close()
    }
  }

  return (law, run) => {
    const [id = '', ...sentence] = law.split(' ')
    test(`${id} ${name}: ${sentence.join(' ')}`, () => withPatience(patienceMs, () => prove(run)))
  }
}
