import type { Clock } from '../contracts/clock.ts'
import type { Session, TokenTarget } from '../contracts/session.ts'
import type { Upstream } from '../contracts/upstream.ts'
import { createNonceCache } from '../dpop/index.ts'
import { BffError } from '../internal/bff-error.ts'
import { webResponse } from '../internal/http/web.ts'
import { clock, given, listOf } from '../internal/option-rules.ts'
import { type OptionRule, readOptions } from '../internal/options.ts'
import { systemClock } from '../internal/system-clock.ts'
import { bodyOfBytes } from './body.ts'
import { Exchange } from './exchange.ts'
import { fetchUpstream } from './fetch-upstream.ts'
import type { UserTokenSource } from './proxy-route.ts'
import { outgoingHeaders } from './request.ts'
import { bodyOf } from './response.ts'
import { sourceOf, target, time, userToken } from './routes.ts'
import { sendAuthorized } from './send.ts'
import { bearerOf } from './tokens.ts'

export interface SessionFetchOptions {
  /**
   * The origins of the APIs, such as `https://orders.internal`, without a path. A session's token goes to no other origin
   * (BFF-11).
   */
  readonly origins: readonly string[]
  /**
   * The user's token for these APIs, when it is not the session's own: a target, for which `session.tokensFor()` gets it, or a
   * source such as `tokenExchange()`. @default the session's access token
   */
  readonly userToken?: TokenTarget | UserTokenSource
  /** The transport. @default `fetchUpstream()` */
  readonly upstream?: Upstream
  /** Milliseconds to connect and to wait for the response headers. @default 30_000. 0: no limit */
  readonly headersTimeoutMs?: number
  /** The clock, for tests. @default the system's clock */
  readonly clock?: Clock
}

/** How long a response body may pause. */
const IDLE_TIMEOUT_MS = 60_000

const apiOrigin: OptionRule<string> = (value, invalid) => {
  const { origin } = target(value, invalid)
  if (origin === value) return origin
  throw invalid(`must be an origin such as ${origin}, without a path`)
}

const RULES = {
  origins: listOf(apiOrigin),
  userToken,
  upstream: given<Upstream>(),
  headersTimeoutMs: time(30_000),
  clock: clock(),
}

/** Calls an API for a session; see {@link sessionFetch}. */
export type SessionFetch = (session: Session, url: string | URL, init?: RequestInit) => Promise<Response>

/**
 * Makes a function with which server code calls APIs as a signed-in user. It sends the session's access token, and refreshes
 * it first when it is due. With DPoP it sends a proof for each request and answers a nonce challenge.
 *
 * It follows no redirect. It returns a 401 unchanged: only the proxy can replace a token that an API refused.
 *
 * @throws BffError `invalid_config`; the function then throws `invalid_argument` for another origin, `token_expired`,
 * `upstream_unavailable`, `upstream_timeout`, `dpop_failed`, and what `session.tokens()` throws
 * @example
 * ```ts
 * import type { Session } from '@bff/core'
 * import { sessionFetch } from '@bff/core/proxy'
 *
 * const callOrders = sessionFetch({ origins: ['https://orders.internal'] })
 *
 * export async function orderTotal(session: Session): Promise<unknown> {
 *   return (await callOrders(session, 'https://orders.internal/total')).json()
 * }
 * ```
 */
export function sessionFetch(options: SessionFetchOptions): SessionFetch {
  const { clock = systemClock, ...read } = readOptions('sessionFetch', options, RULES)
  const { upstream = fetchUpstream(), headersTimeoutMs } = read
  const nonces = createNonceCache()
  const route = { token: 'user', userToken: sourceOf(read.userToken), clientToken: undefined } as const

  return async (session, url, init) => {
    const request = new Request(url, { ...init, redirect: 'manual' })
    const { origin, href, hash } = new URL(request.url)
    if (!read.origins.includes(origin))
      throw new BffError(
        'invalid_argument',
        'A token may not be sent to this origin. Add it to origins of sessionFetch.',
      )
    // Nobody refreshes here: the same session means "nothing newer".
    const bearer = await bearerOf(route, session, request, { replaceRefused: async () => session })
    const sent = request.body === null ? null : new Uint8Array(await request.arrayBuffer())
    const exchange = new Exchange(request, clock, 0)
    try {
      const call = {
        method: request.method,
        url: href.slice(0, href.length - hash.length),
        origin,
        headers: outgoingHeaders(request.headers),
        body: bodyOfBytes(sent),
        headersTimeoutMs,
        exchange,
      }
      const response = await sendAuthorized(call, bearer, {
        upstream,
        nonces,
        clock,
        emit: () => {},
      })
      const body = bodyOf(response)
      const whole = body === null ? null : response.bytes
      if (whole !== undefined) exchange.finish()
      return webResponse({
        ...response,
        body: whole !== undefined ? whole : body && exchange.stream(body, IDLE_TIMEOUT_MS, () => {}),
      })
    } catch (error) {
      exchange.finish()
      throw error
    }
  }
}
