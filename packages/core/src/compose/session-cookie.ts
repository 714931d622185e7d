import type { Clock } from '../contracts/clock.ts'
import type { RequestView } from '../contracts/request-view.ts'
import { BffError } from '../internal/bff-error.ts'
import {
  type CookieAttributes,
  clearCookie,
  cookieName,
  readCookie,
  setCookie,
} from '../internal/http/cookie.ts'
import { given, oneOf, origin } from '../internal/option-rules.ts'
import { readOptions } from '../internal/options.ts'
import { systemClock } from '../internal/system-clock.ts'

export interface SessionCookieOptions {
  /** The public origin; on `http://localhost` the cookie is not `Secure`. */
  readonly origin: string
  /** The name of the cookie. @default `__Host-Http-bff`; `bff` on an `http://localhost` origin */
  readonly name?: string
  /** `strict` or `lax`. @default `strict` */
  readonly sameSite?: 'strict' | 'lax'
  /** The clock, for tests. @default the system's clock */
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
  const secure = String(options.origin).startsWith('https:')
  const { name, sameSite, clock } = readOptions('sessionCookie', options, {
    origin: origin(),
    name: cookieName(secure),
    sameSite: oneOf(['strict', 'lax']),
    clock: given(systemClock),
  })
  return cookieOf(name, { secure, sameSite }, clock)
}

/** The same for options that are already checked. */
export function cookieOf(
  name: string,
  attributes: CookieAttributes & { readonly persistent?: boolean },
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
      const life = attributes.persistent === false ? null : Math.max(0, (expiresAt - clock.now()) / 1000)
      return setCookie(name, id, life, attributes)
    },
    read(request) {
      const found = readCookie(request.header('cookie'), name)
      return found === null || found === 'duplicate' || found.value === '' ? null : found.value
    },
    clear: () => clearCookie(name, attributes),
  }
}
