import type { Bff, ServedBff } from '../contracts/bff.ts'
import type { Clock } from '../contracts/clock.ts'
import type { BffConfig } from '../contracts/config.ts'
import type { BffEvent } from '../contracts/events.ts'
import type { RequestView } from '../contracts/request-view.ts'
import { createBff } from '../index.ts'
import { parseRanges } from '../internal/address.ts'
import { BffError } from '../internal/bff-error.ts'
import { createConsoleSink } from '../internal/console-sink.ts'
import { errorReply } from '../internal/http/replies.ts'
import { createErrorReply } from '../internal/http/reported-error.ts'
import { webRequestView, webResponse } from '../internal/http/web.ts'
import { given, sink, wholeNumber } from '../internal/option-rules.ts'
import { readOptions, refuseUnknown } from '../internal/options.ts'
import { sinkOf } from '../internal/sink.ts'
import { systemClock } from '../internal/system-clock.ts'
import { withPartition } from '../store/index.ts'
import { Frontend } from './frontend.ts'
import { placeOf, requireOwnCookies } from './place.ts'
import { FrontendTable, type NoFrontend } from './table.ts'

/** Options of {@link frontends}. */
export interface FrontendsOptions {
  /**
   * Networks and single addresses of your own proxies, such as `10.0.0.0/8`, that replace `Host` and write the host which the
   * browser asked for into `X-Forwarded-Host`. From every other peer that header is ignored. @default none: `Host` counts
   */
  readonly trustedProxies?: readonly string[]
  /**
   * How long `remove`, `replace` and `close` wait for the requests under way, in milliseconds. Event streams, WebSockets and
   * other responses that are longer end then. @default 10_000. From 0 to 600_000
   */
  readonly drainMs?: number
  /** Receives the errors that belong to no frontend. @default failures and warnings go to `console.warn` */
  readonly onEvent?: (event: BffEvent) => void
  /** The clock, for tests. @default the system's clock */
  readonly clock?: Clock
}

/** Where a frontend is, when its BFF does not say it. */
export interface FrontendPlace {
  /**
   * The path that all paths of the frontend begin with, those of the app's own pages and routes too: `/shop`.
   * @default the folder that the `basePath` of the BFF is in: `/shop` for `/shop/bff`, and `/` for `/bff`
   */
  readonly path?: string
}

/** Several BFFs, served as one. An adapter takes it in place of a {@link Bff}. */
export interface Frontends<Metadata = Readonly<Record<string, unknown>>> extends ServedBff<Metadata> {
  /** The names of all frontends that take requests. */
  readonly names: readonly string[]
  /**
   * Adds a frontend, and returns its BFF. The next request can be for it.
   *
   * With a configuration it makes the BFF: in the partition `name` of the store, so that closing it closes nothing shared, and
   * with a session cookie named after it, such as `__Host-Http-bff-shop`, unless `cookie.name` is set. A BFF that you made is
   * used as it is, and `remove` closes it, with its stores: give it a `withPartition` of a store that others use too.
   *
   * @param name 1 to 32 letters, digits and hyphens
   * @throws BffError `invalid_argument` when the name is taken; `invalid_config` when another frontend has the same host and
   * path, or a cookie that browsers would mix up with this one's, or when a path of the BFF is not below that of the frontend;
   * `shutting_down` after `close`
   */
  add(name: string, bff: Bff<Metadata> | BffConfig<Metadata>, place?: FrontendPlace): Bff<Metadata>
  /**
   * Puts a BFF in the place of the one with this name: each request finds one or the other. Resolves when the earlier one is
   * closed, as with `remove`.
   *
   * @throws BffError as `add`; `invalid_argument` when no frontend has this name
   */
  replace(name: string, bff: Bff<Metadata> | BffConfig<Metadata>, place?: FrontendPlace): Promise<void>
  /**
   * Removes a frontend and closes its BFF. Its requests under way end first, for at most `drainMs`; new ones get 503
   * `shutting_down` meanwhile, and afterwards what is for no frontend gets. Returns `false` when no frontend has this name.
   *
   * Your own routes below its path remain. A frontend with a shorter path then answers for them: guard them with `only(name)`.
   */
  remove(name: string): Promise<boolean>
  /** Returns the BFF of a frontend, for its `sessions` and `refresh`; `null` when none has this name, or it is being removed. */
  get(name: string): Bff<Metadata> | null
  /**
   * Returns one of the frontends for routes of your own that belong to it, also before it is added and after it was replaced.
   * Its guards take only sessions of that frontend, at every path of its host. Use it where a path does not say the frontend:
   * server functions, and pages of Next.js. `close` does nothing.
   */
  only(name: string): ServedBff<Metadata>
  /** Closes all frontends as `remove` does. Idempotent. */
  close(): Promise<void>
}

const MESSAGES = {
  unknown_origin: undefined,
  not_found: 'No frontend serves this path. Check the address.',
  invalid_path: 'The request path could be read as one of another frontend. Send a plain path.',
  no_path:
    'The framework does not say the path of this request, and its host has several frontends. Use frontends.only(name).',
}

const refusal = (why: NoFrontend) => new BffError(why === 'no_path' ? 'invalid_argument' : why, MESSAGES[why])

/**
 * Makes one host of several BFFs, each for its own origins or for a path of an origin, which can be added, replaced and removed
 * while requests run. Every adapter takes it in place of a BFF.
 *
 * The host of a request chooses the frontends of its origin, and of these the one with the longest path is used. A BFF with
 * loaded origins has the hosts that no other one has. Without a frontend the paths are the app's: `handle` returns `undefined`,
 * `getSession` resolves to `null`, and `requireSession` throws `unknown_origin` or `not_found`.
 *
 * @throws BffError `invalid_config`
 * @example
 * ```ts
 * import type { BffConfig } from '@bff/core'
 * import { frontends } from '@bff/core/frontends'
 *
 * export const all = frontends()
 * export const begin = (config: BffConfig) => {
 *   all.add('shop', { ...config, origin: 'https://shop.example.com' })
 *   all.add('admin', { ...config, origin: 'https://shop.example.com', basePath: '/admin/bff' })
 * }
 * export const end = () => all.remove('admin')
 * ```
 */
export function frontends<Metadata = Readonly<Record<string, unknown>>>(
  options: FrontendsOptions = {},
): Frontends<Metadata> {
  const { trustedProxies, drainMs, onEvent, clock } = readOptions('frontends', options, {
    trustedProxies: given<readonly string[]>(),
    drainMs: wholeNumber(10_000, 0, 600_000),
    onEvent: sink(),
    clock: given(systemClock),
  })
  const trusted = trustedProxies === undefined ? null : parseRanges('trustedProxies', trustedProxies)
  const table = new FrontendTable<Metadata>(trusted)
  const byName = new Map<string, Frontend<Metadata>>()
  /** Those that were replaced, until they are closed. */
  const replaced = new Set<Frontend<Metadata>>()
  const reportedReply = createErrorReply(sinkOf(onEvent ?? createConsoleSink(clock), clock))
  /** So that an error is reported to the frontend that threw it. */
  const thrownBy = new WeakMap<object, Bff<Metadata>>()
  let closing: Promise<void> | undefined

  function make(
    name: string,
    from: Bff<Metadata> | BffConfig<Metadata>,
    { path }: FrontendPlace,
    earlier?: Frontend<Metadata>,
  ) {
    if (closing !== undefined) throw new BffError('shutting_down')
    if (!/^[A-Za-z0-9-]{1,32}$/.test(name))
      throw new BffError(
        'invalid_argument',
        'The name of a frontend must be 1 to 32 letters, digits and hyphens, such as shop.',
      )
    const others = [...byName.values()].filter((other) => other !== earlier)
    const isMade = 'handle' in from
    if (isMade && [...others, ...replaced, earlier].some((other) => other?.bff === from))
      throw new BffError(
        'invalid_argument',
        `The BFF of ${name} is that of another frontend. Make one for each.`,
      )
    const bff = isMade ? from : createBff(ownPart(name, from))
    try {
      const frontend = new Frontend(name, bff, placeOf(name, bff, path))
      const taken = table.taken(frontend)
      if (taken !== undefined && taken !== earlier)
        throw new BffError(
          'invalid_config',
          `frontends: ${name} and ${taken.name} have the same origin and path. Give one of them another basePath, or set its path.`,
        )
      requireOwnCookies(frontend, others)
      return frontend
    } catch (error) {
      if (!isMade) bff.close().catch(() => {})
      throw error
    }
  }

  function place(frontend: Frontend<Metadata>): Bff<Metadata> {
    byName.set(frontend.name, frontend)
    table.add(frontend)
    return frontend.bff
  }

  function served(
    sessionsOf: (request: RequestView) => Frontend<Metadata> | NoFrontend,
    answers: (frontend: Frontend<Metadata>) => boolean,
    close: () => Promise<void>,
  ): ServedBff<Metadata> {
    async function asked<Result>(
      frontend: Frontend<Metadata>,
      work: (frontend: Frontend<Metadata>) => Promise<Result>,
    ): Promise<Result> {
      try {
        return await work(frontend)
      } catch (error) {
        if (typeof error === 'object' && error !== null) thrownBy.set(error, frontend.bff)
        throw error
      }
    }
    const handle: ServedBff['handle'] = (request) => {
      const found = table.find(request)
      if (found === 'invalid_path') return Promise.resolve(errorReply(refusal(found)))
      return typeof found === 'string' || !answers(found) ? undefined : found.handle(request)
    }
    const reply: ServedBff['errorReply'] = (error) => {
      const bff = typeof error === 'object' && error !== null ? thrownBy.get(error) : undefined
      return bff === undefined ? reportedReply(error, 'app') : bff.errorReply(error)
    }
    return {
      handle,
      async getSession(request, guard) {
        const found = sessionsOf(request)
        if (typeof found !== 'string') return asked(found, (frontend) => frontend.getSession(request, guard))
        // A check that nobody can make has not passed.
        if (found === 'invalid_path' || found === 'no_path' || (guard?.csrf ?? false) !== false)
          throw refusal(found)
        return null
      },
      async requireSession(request, guard) {
        const found = sessionsOf(request)
        if (typeof found === 'string') throw refusal(found)
        return asked(found, (frontend) => frontend.requireSession(request, guard))
      },
      bffFor(request) {
        const found = sessionsOf(request)
        return typeof found === 'string' || found.isLeaving ? null : found.bff
      },
      async fetch(request) {
        return webResponse(await (handle(webRequestView(request)) ?? errorReply(new BffError('not_found'))))
      },
      errorReply: reply,
      paths: ['/*'],
      close,
    }
  }

  const all = served(
    (request) => table.find(request),
    () => true,
    () => {
      closing ??= Promise.all(
        [...byName.values(), ...replaced].map((frontend) => frontend.close(drainMs, clock)),
      ).then(() => {})
      return closing
    },
  )

  return {
    ...all,

    get names() {
      return [...byName.values()].filter(({ isLeaving }) => !isLeaving).map(({ name }) => name)
    },

    add(name, bff, where = {}) {
      refuseUnknown('frontends.add', where, ['path'])
      if (byName.has(name))
        throw new BffError(
          'invalid_argument',
          `There is a frontend ${name} already. Use replace, or remove it first.`,
        )
      return place(make(name, bff, where))
    },

    async replace(name, bff, where = {}) {
      refuseUnknown('frontends.replace', where, ['path'])
      const earlier = byName.get(name)
      if (earlier === undefined)
        throw new BffError('invalid_argument', `There is no frontend ${name}. Use add.`)
      const next = make(name, bff, where, earlier)
      table.remove(earlier)
      place(next)
      replaced.add(earlier)
      await earlier.close(drainMs, clock).finally(() => replaced.delete(earlier))
    },

    async remove(name) {
      const frontend = byName.get(name)
      if (frontend === undefined) return false
      await frontend.close(drainMs, clock).finally(() => {
        if (byName.get(name) !== frontend) return
        byName.delete(name)
        table.remove(frontend)
      })
      return true
    },

    get(name) {
      const frontend = byName.get(name)
      return frontend === undefined || frontend.isLeaving ? null : frontend.bff
    },

    only: (name) =>
      served(
        (request) => {
          const frontend = byName.get(name)
          if (frontend === undefined) return 'not_found'
          return table.isAt(request, frontend) ? frontend : 'unknown_origin'
        },
        (frontend) => frontend.name === name,
        async () => {},
      ),
  }
}

/** A configuration whose BFF shares neither sessions nor cookies with others. */
function ownPart<Metadata>(name: string, config: BffConfig<Metadata>): BffConfig<Metadata> {
  const origin = typeof config.origin === 'string' ? config.origin : config.origin.main
  const prefix = origin.startsWith('https:') ? '__Host-Http-bff-' : 'bff-'
  return {
    ...config,
    store: withPartition(config.store, name),
    cookie: { name: prefix + name, ...config.cookie },
  }
}
