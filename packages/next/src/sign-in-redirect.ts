import { refuseUnknown } from '@bff/core/authoring'
import type { NextRequest } from 'next/server.js'

/** Options of {@link signInRedirect}. */
export interface SignInRedirectOptions {
  /**
   * The path of the sign-in. `returnTo` is added to it, and Next's `basePath` is its prefix, as in Next's own links.
   *
   * @default `/bff/login`
   */
  readonly signInPath?: string
  /** The name of the session cookie, if you changed it. @default `__Host-Http-bff` and `bff` */
  readonly cookieName?: string
}

/**
 * Makes a function for Next's `proxy.ts` that redirects users without a session cookie to the sign-in, before a page is
 * rendered.
 *
 * It saves a render and protects nothing: it accepts any cookie of that name, and some requests do not go through `proxy.ts`
 * (CSR-15). To protect a page or route, read the session there with `getSession` or `withSession`.
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
    // A path that already has the basePath means the same, and an address on another origin has no basePath.
    const isWhole = !signInPath.startsWith('/') || signInPath.startsWith(`${nextUrl.basePath}/`)
    const path = isWhole ? signInPath : nextUrl.basePath + signInPath
    // Next makes it relative again, so that no host from the request is sent.
    const location = new URL(`${path}${joint}returnTo=${returnTo}`, url).href
    return new Response(null, { status: 307, headers: { location, 'cache-control': 'no-store' } })
  }
}
