import type { Clock } from '../contracts/clock.ts'
import type { RequestView } from '../contracts/request-view.ts'
import { BffError } from '../internal/bff-error.ts'
import { type CookieAttributes, clearCookie, readCookie, setCookie } from '../internal/http/cookie.ts'
import { systemClock } from '../internal/system-clock.ts'
import { refuseUnknown } from '../internal/unknown-option.ts'

export interface SessionCookieOptions {
  /** The public origin; on `http://localhost` the cookie is not `Secure`. */
  readonly origin: string
  /** @default `__Host-Http-bff`; `bff` on an `http://localhost` origin */
  readonly name?: string
  /** @default `strict` */
  readonly sameSite?: 'strict' | 'lax'
  /** @default the system's clock */
  readonly clock?: Pick<Clock, 'now'>
}

/**
 * The cookie that holds a session's id: host-only, `Path=/`, `HttpOnly`. It is deleted with the attributes it was set with.
 */
export interface SessionCookie {
  readonly name: string
  readonly attributes: CookieAttributes
  /**
   * Returns the `Set-Cookie` value that gives `id` to the browser until `expiresAt`, in epoch milliseconds.
   *
   * @throws BffError `invalid_argument` for an id with characters that a cookie cannot hold
   */
  set(id: string, expiresAt: number): string
  /**
   * Returns the id in a request's cookie; `null` when there is no such cookie, and when there are several, because none can
   * be trusted.
   *
   * @throws BffError `headers_too_large`
   */
  read(request: RequestView): string | null
  /** Returns the `Set-Cookie` value that deletes the cookie. */
  clear(): string
}

/**
 * Makes the session cookie without a BFF, with the same attributes.
 *
 * @throws BffError `invalid_config`
 * @example
 * ```ts
 * import { sessionCookie } from '@bff/core/compose'
 *
 * const cookie = sessionCookie({ origin: 'https://app.example.com' })
 * export const signedOut = { status: 204, headers: [['set-cookie', cookie.clear()]], body: null }
 * ```
 */
export function sessionCookie(options: SessionCookieOptions): SessionCookie {
  refuseUnknown('sessionCookie', options, ['origin', 'name', 'sameSite', 'clock'])
  const { origin, sameSite = 'strict', clock = systemClock } = options
  const url = URL.canParse(origin) ? new URL(origin) : null
  const secure = url?.protocol === 'https:'
  if (url?.origin !== origin || (!secure && url.hostname !== 'localhost'))
    throw new BffError('invalid_config', 'origin must be a bare https origin, or one on http://localhost.')
  const name = options.name ?? (secure ? '__Host-Http-bff' : 'bff')
  if (!/^[!#$%&'*+\-.^_`|~A-Za-z0-9]+$/.test(name) || (!secure && /^__(?:Host|Secure|Http)-/i.test(name)))
    throw new BffError(
      'invalid_config',
      'name must be a cookie name, with a prefix only where the origin is https.',
    )
  if (!/^(?:strict|lax)$/.test(sameSite))
    throw new BffError('invalid_config', 'sameSite must be strict or lax.')
  return cookieOf(name, { secure, sameSite }, clock)
}

/** The same for options that are already checked. */
export function cookieOf(
  name: string,
  attributes: CookieAttributes,
  clock: Pick<Clock, 'now'>,
): SessionCookie {
  return {
    name,
    attributes,
    set(id, expiresAt) {
      if (!/^[!#-+\--:<-[\]-~]+$/.test(id))
        throw new BffError(
          'invalid_argument',
          'A session id must have only characters that a cookie can hold.',
        )
      return setCookie(name, id, Math.max(0, (expiresAt - clock.now()) / 1000), attributes)
    },
    read(request) {
      const found = readCookie(request.header('cookie'), name)
      return found === null || found === 'duplicate' || found.value === '' ? null : found.value
    },
    clear: () => clearCookie(name, attributes),
  }
}
