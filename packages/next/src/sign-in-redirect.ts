import { refuseUnknown } from '@bff/core/authoring'
import type { NextRequest } from 'next/server.js'

/** Options of {@link signInRedirect}. */
export interface SignInRedirectOptions {
  /**
   * Where people sign in; `returnTo` is added to it, and Next's `basePath` is put in front, as in all of Next's own links.
   *
   * @default `/bff/login`
   */
  readonly signInPath?: string
  /** The session cookie's name, when the BFF has another one. @default `__Host-Http-bff` and `bff` */
  readonly cookieName?: string
}

/**
 * For Next's `proxy.ts`: sends people without a session cookie to the sign-in, before anything is rendered for them.
 *
 * It spares a render and protects nothing: any cookie of that name passes, and so does a request that Next lets around
 * `proxy.ts` (CSR-15). What must be protected asks for the session itself, with `getSession` or `withSession`.
 *
 * @throws BffError `invalid_config` for an unknown option
 * @example
 * ```ts
 * import { signInRedirect } from '@bff/next/proxy'
 *
 * export const proxy = signInRedirect()
 * export const config = { matcher: ['/orders/:path*'] }
 * ```
 */
export function signInRedirect(options: SignInRedirectOptions = {}) {
  refuseUnknown('signInRedirect', options, ['signInPath', 'cookieName'])
  const { signInPath = '/bff/login', cookieName } = options
  const names = cookieName === undefined ? ['__Host-Http-bff', 'bff'] : [cookieName]
  return ({ method, cookies, nextUrl, url }: NextRequest): Response | undefined => {
    if ((method !== 'GET' && method !== 'HEAD') || names.some((name) => cookies.has(name))) return undefined
    const returnTo = encodeURIComponent(nextUrl.basePath + nextUrl.pathname + nextUrl.search)
    const joint = signInPath.includes('?') ? '&' : '?'
    // Who wrote the basePath out already means the same, and an address elsewhere has none.
    const isWhole = !signInPath.startsWith('/') || signInPath.startsWith(`${nextUrl.basePath}/`)
    const path = isWhole ? signInPath : nextUrl.basePath + signInPath
    // Next makes it relative again, so no host of the request's choosing goes out.
    const location = new URL(`${path}${joint}returnTo=${returnTo}`, url).href
    return new Response(null, { status: 307, headers: { location, 'cache-control': 'no-store' } })
  }
}
