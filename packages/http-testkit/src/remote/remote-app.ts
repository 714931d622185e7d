import type {
  Bff,
  BffEvent,
  Clock,
  IdentityProvider,
  RevokedBy,
  ServedBff,
  SessionHandle,
  SessionStore,
  Stores,
} from '@bff/core'
import type { Upstream } from '@bff/core/proxy'
import { inProcessEventBus } from '@bff/core/store'
import type { FetchHandler } from '../fetch-handler.ts'
import type { ServedApp } from '../served-app.ts'
import { type LawSettings, lawBff, signInTo } from '../world/law-bff.ts'
import { type FrontendName, type LawFrontends, lawFrontends } from '../world/law-frontends.ts'
import { ask, decode, outcomeOf } from './wire-json.ts'

/** What the process of the laws asks of this one. */
export type Command =
  | { readonly do: 'open'; readonly ports: string; readonly now: number; readonly settings: LawSettings }
  | { readonly do: 'time'; readonly now: number }
  | { readonly do: 'signIn'; readonly userId: string; readonly frontend?: FrontendName }
  | { readonly do: 'revoke'; readonly handle: SessionHandle; readonly by?: RevokedBy }
  | { readonly do: 'add' | 'remove'; readonly frontend: FrontendName }
  | { readonly do: 'close' }

type RemotePort = 'sessions' | 'ttl' | 'provider'

/** What this process asks of that of the laws. */
export type PortCall =
  | { readonly port: RemotePort; readonly method: string; readonly args: unknown[] }
  | { readonly port: 'sleep'; readonly until: number }
  | { readonly port: 'event'; readonly event: BffEvent }

interface Opened {
  readonly all: ServedBff
  /** `null`: the law has several frontends. */
  readonly bff: Bff | null
  /** `null`: the law has one BFF. */
  readonly frontends: LawFrontends | null
  readonly served: ServedApp
  readonly clock: RemoteClock
  readonly calls: PortCalls
}

/**
 * Makes the handler through which the laws of another process reach an app of this one. It answers each `POST`; the address
 * at which you serve it is the `serve` of `describeHttpAdapter`. It imports nothing of Node, for runtimes without.
 *
 * @param serve as in `HttpAdapterOptions`
 * @param upstream makes the transport behind the adapter. @default `fetchUpstream()` of `@bff/core/proxy`
 *
 * @example
 * ```ts
 * // A Worker whose app is `bff.fetch`; the laws run elsewhere, with `serve: new URL('http://127.0.0.1:8787/laws')`.
 * import type { ServedBff } from '@bff/core'
 * import { remoteApp } from '@bff/http-testkit/remote'
 *
 * let current: ServedBff | undefined
 * const laws = remoteApp(async (bff) => {
 *   current = bff
 *   return { origin: 'http://127.0.0.1:8787', close: async () => {} }
 * })
 *
 * export default {
 *   fetch: (request: Request) =>
 *     new URL(request.url).pathname === '/laws' ? laws(request) : current?.fetch(request),
 * }
 * ```
 */
export function remoteApp(
  serve: (bff: ServedBff) => Promise<ServedApp>,
  upstream?: () => Upstream,
): FetchHandler {
  let opened: Opened | undefined

  async function carryOut(command: Command): Promise<unknown> {
    if (command.do === 'open') {
      const clock = new RemoteClock(command.ports, command.now)
      const { settings } = command
      const calls = new PortCalls(command.ports)
      const ports = portsAt(command.ports, clock, calls)
      const frontends = settings.frontends ? lawFrontends(settings, ports, upstream) : null
      const bff = settings.frontends ? null : lawBff(settings, ports, upstream?.())
      const all = frontends?.all ?? bff
      if (all === null) throw new TypeError('A law has a BFF or frontends.')
      opened = { bff, frontends, all, clock, calls, served: await serve(all) }
      return opened.served.origin
    }
    if (opened === undefined) throw new TypeError('No law is open.')
    const { bff, frontends, all, clock, calls, served } = opened
    if (command.do === 'time') {
      // What waits after such a call, waits from the time before.
      await calls.answered()
      return clock.move(command.now)
    }
    if (command.do === 'signIn' && bff !== null) return signInTo(bff, command.userId)
    if (command.do === 'signIn') return frontends?.signIn(command.frontend ?? 'main', command.userId)
    if (command.do === 'revoke') return bff?.sessions.revoke(command.handle, command.by)
    if (command.do === 'add') return frontends?.add(command.frontend)
    if (command.do === 'remove') return frontends?.remove(command.frontend)
    opened = undefined
    await served.close()
    return all.close()
  }

  return async (request) => new Response(await outcomeOf(async () => carryOut(decode(await request.text()))))
}

const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 0))

/** The calls of stores and provider. */
class PortCalls {
  readonly #ports: string
  #underWay = 0

  constructor(ports: string) {
    this.#ports = ports
  }

  async ask<T>(call: PortCall): Promise<T> {
    this.#underWay += 1
    try {
      return await ask<T>(this.#ports, call)
    } finally {
      this.#underWay -= 1
    }
  }

  /** Resolves when none is under way, and what follows from the last one has begun. */
  async answered(): Promise<void> {
    // By turns: a Worker must not wait for a promise of another request.
    do await turn()
    while (this.#underWay > 0)
  }
}

/** The clock of the laws, as this process last heard of it. */
class RemoteClock implements Clock {
  readonly #ports: string
  readonly #start: number
  #now: number

  constructor(ports: string, now: number) {
    this.#ports = ports
    this.#start = now
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  monotonic(): number {
    return this.#now - this.#start
  }

  move(now: number): void {
    this.#now = Math.max(this.#now, now)
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    const call: PortCall = { port: 'sleep', until: this.#now + ms }
    try {
      this.move(await ask<number>(this.#ports, call, signal))
    } catch (error) {
      signal?.throwIfAborted()
      throw error
    }
  }
}

function portsAt(url: string, clock: Clock, calls: PortCalls) {
  const portOf = <Port extends object>(
    port: 'sessions' | 'ttl' | 'provider',
    own: Partial<Port> = {},
  ): Port =>
    new Proxy(own as Port, {
      get: (target, method) =>
        Reflect.get(target, method) ??
        // A promise that resolves with a port asks it for `then`; and not every store or provider has every option.
        (typeof method === 'string' && CALLS[port].includes(method)
          ? (...args: unknown[]) => calls.ask({ port, method, args: withoutEnd(args) })
          : undefined),
    })
  const store: Stores = {
    sessions: portOf<SessionStore>('sessions', { close: async () => {} }),
    ttl: portOf('ttl'),
    events: inProcessEventBus(),
  }
  const provider = portOf<IdentityProvider>('provider', { isMaker: () => true, sharesGrants: () => false })
  // Events are for the law to see when it looks; an event after its end has nobody to go to.
  const onEvent = (event: BffEvent) =>
    void ask(url, { port: 'event', event } satisfies PortCall).catch(() => {})
  return { store, provider, clock, onEvent }
}

const CALLS: Record<RemotePort, readonly string[]> = {
  sessions: [
    'create',
    'get',
    'update',
    'touch',
    'revoke',
    'delete',
    'list',
    'countActive',
    'revokeAll',
    'deleteAll',
    'cleanup',
    'ping',
  ],
  ttl: ['set', 'get', 'setIfAbsent', 'take', 'extend', 'compareAndDelete'],
  provider: ['authorize', 'exchange', 'refresh', 'revoke', 'endSessionUrl', 'verifyLogoutToken'],
}

/** JSON has no `undefined`: one at the end of the arguments is left out, as the caller did. */
const withoutEnd = (args: unknown[]) => args.slice(0, args.findLastIndex((arg) => arg !== undefined) + 1)
