import { signInAtProvider } from './browser.ts'
import { createCookieJar, type StorageState } from './cookie-jar.ts'
import { type Opened, open, type SignInTarget } from './open.ts'

/** The options of {@link signIn}. */
export interface SignInOptions {
  /** The path of the sign-in, with a query if needed: `/bff/login?acr_values=mfa`. @default `login` below the base path */
  readonly loginPath?: string
}

/** A signed-in browser, as the parts that a test needs. */
export interface SignedIn {
  /** The value of the `Cookie` header. */
  readonly cookie: string
  /** The headers of a request from the app's own page: `cookie`, the CSRF header and `sec-fetch-site`. */
  readonly headers: Readonly<Record<string, string>>
  /** Returns the state for `browser.newContext({ storageState })` of Playwright. */
  storageState(): StorageState
}

/**
 * Signs a user in through the provider of {@link startProvider}, as a browser does: login, the provider's pages, callback.
 * All hooks of the app run.
 *
 * For a BFF whose options the app sets while it starts, and for an app in Next.js, start the app and give its origin.
 *
 * @throws Error with the status and the error code when the BFF or the provider refuses
 *
 * @example
 * ```ts
 * import { createBff, generateEncryptionKey } from '@bff/core'
 * import { oidc } from '@bff/oidc'
 * import { memoryStore } from '@bff/store-memory'
 * import { signIn, startProvider } from '@bff/testing'
 *
 * const provider = await startProvider({ appOrigins: ['http://localhost:3000'] })
 * const bff = createBff({
 *   origin: 'http://localhost:3000',
 *   store: memoryStore(),
 *   encryptionKeys: [generateEncryptionKey()],
 *   provider: oidc({ issuer: provider.issuer, ...provider.clients.basic }),
 * })
 * const { headers } = await signIn(bff, 'alice')
 * const response = await bff.fetch(new Request('http://localhost:3000/bff/user', { headers }))
 * ```
 */
export async function signIn(
  target: SignInTarget,
  user: string,
  options: SignInOptions = {},
): Promise<SignedIn> {
  const origin = typeof target === 'string' ? new URL(target).origin : target.options.origin
  const basePath = typeof target === 'string' ? '/bff' : target.options.basePath
  const csrf = typeof target === 'string' ? { headerName: 'x-csrf', headerValue: '1' } : target.options.csrf
  const jar = createCookieJar(new URL(origin).hostname)

  const started = await open(target, `${origin}${options.loginPath ?? `${basePath}/login`}`, jar, 'none')
  const location = started.location === null ? null : new URL(started.location, origin)
  if (location === null || location.origin === origin)
    throw refusal('The BFF did not start the sign-in', started)
  const callback = await signInAtProvider(location.href, user)
  const ended = await open(target, callback, jar, 'cross-site')
  if (ended.status >= 400 || errorOf(ended) !== null) throw refusal('The BFF refused the sign-in', ended)

  return {
    cookie: jar.header(),
    headers: {
      cookie: jar.header(),
      [csrf.headerName]: csrf.headerValue,
      'sec-fetch-site': 'same-origin',
    },
    storageState: jar.storageState,
  }
}

/** The error code of the JSON reply, of the page for developers, or of the address of the error path. */
function errorOf({ body, location }: Opened): string | null {
  return (
    /"error":"(\w+)"/.exec(body)?.[1] ??
    /data-error="(\w+)"/.exec(body)?.[1] ??
    /[?&]error=(\w+)/.exec(location ?? '')?.[1] ??
    null
  )
}

function refusal(what: string, answer: Opened): Error {
  const code = errorOf(answer)
  const status = `status ${answer.status}${code === null ? '' : `, ${code}`}`
  return new Error(`${what}: ${status}. Read the events of the BFF for the cause.`)
}
