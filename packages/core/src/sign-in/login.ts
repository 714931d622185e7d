import type { Endpoint } from '../contracts/endpoint.ts'
import type { PluginContext, SignInRequest } from '../contracts/plugin.ts'
import type { Reply } from '../contracts/reply.ts'
import type { RequestView } from '../contracts/request-view.ts'
import type { ResolvedOptions } from '../contracts/resolved-options.ts'
import { BffError } from '../internal/bff-error.ts'
import { randomToken } from '../internal/crypto/hash.ts'
import { clearCookie, cookiesOf, MAX_COOKIE_BYTES, readCookie, setCookie } from '../internal/http/cookie.ts'
import { isAheadOfTime } from '../internal/http/opened.ts'
import { continueReply, redirectReply } from '../internal/http/replies.ts'
import { localPath } from '../internal/http/return-to.ts'
import { failedSignIn } from './failed-sign-in.ts'
import {
  callbackUrl,
  type LoginTransaction,
  loginCookieName,
  loginCookiePrefix,
  sealedAs,
} from './login-transaction.ts'

/** Of all attempts of a browser: servers and proxies refuse a Cookie header of 8 kB, and the app has cookies too. */
const MAX_PENDING_BYTES = 6_144

/** `GET /bff/login?returnTo=/path`: sends the browser to the identity provider. */
export function loginEndpoint(context: PluginContext): Endpoint {
  async function start(request: RequestView, query: URLSearchParams) {
    refuseUnlessOpened(request)
    const here = localPath(request.target)
    if (here !== null && hidesSession(request, context.options)) return continueReply(here, [])
    const asked = context.plugins.map((plugin) => plugin.signInParameters?.(query))
    return beginSignIn(context, request, {
      returnTo: query.get('returnTo') ?? context.options.login.returnTo,
      parameters: Object.assign({}, ...asked),
    })
  }

  return {
    methods: {
      GET: (request, query) => start(request, query).catch(failedSignIn(context, 'authorize', request)),
    },
    csrfExempt: ['GET'],
    getChanges: true,
  }
}

/**
 * Sends the browser to the identity provider.
 *
 * The browser keeps the data of each attempt, sealed, in a separate cookie (BFF-25), so that a flood of sign-ins uses no
 * memory of the server.
 */
export async function beginSignIn(
  { options, provider, requests, marks, encryptor, clock, emit }: PluginContext,
  request: RequestView,
  how: SignInRequest,
): Promise<Reply> {
  const { login, loginCookie } = options
  if (provider === null) throw new BffError('not_configured')
  const returnTo = localPath(how.returnTo)
  if (returnTo === null) throw new BffError('invalid_return_to')

  const current = await requests.load(request)
  const state = randomToken() + (how.mark ?? '')
  const { url, transaction } = await provider.authorize({
    redirectUri: callbackUrl(options),
    state,
    parameters: { ...login.parameters, ...how.parameters },
    signal: request.signal,
  })
  const pending: LoginTransaction = {
    returnTo,
    startedAt: clock.now(),
    began: await marks.begin(),
    replaces: 'session' in current ? current.session.handle : null,
    transaction,
  }
  const name = loginCookieName(options, state)
  const sealed = await encryptor.encryptString(JSON.stringify(pending), await sealedAs(state))
  if (name.length + sealed.length > MAX_COOKIE_BYTES)
    throw new BffError('invalid_return_to', 'returnTo is too long for a cookie. Shorten it.')
  emit({ type: 'login.started' })
  return redirectReply(url, [
    ...surplus(request, options, name.length + sealed.length).map((old) => clearCookie(old, loginCookie)),
    setCookie(name, sealed, login.transactionTtlMs / 1000, loginCookie),
  ])
}

/**
 * Returns the oldest attempts to delete, so that the rest and one more stay within the limits and fit into a request's
 * header.
 */
function surplus(request: RequestView, options: ResolvedOptions, bytes: number): string[] {
  const newestFirst = cookiesOf(request.header('cookie'), loginCookiePrefix(options)).reverse()
  let count = 1
  let size = bytes
  const kept = newestFirst.findIndex(([name, value]) => {
    size += name.length + value.length
    return ++count > options.login.maxPending || size > MAX_PENDING_BYTES
  })
  return kept === -1 ? [] : newestFirst.slice(kept).map(([name]) => name)
}

/**
 * Whether a link on another site led here, so that the browser did not send a `SameSite=Strict` session cookie that it may
 * have. After a page of this origin repeats the request, the browser sends the cookie, and the new session replaces its
 * session.
 */
function hidesSession(request: RequestView, { cookieName, sessionCookie }: ResolvedOptions): boolean {
  return (
    sessionCookie.sameSite === 'strict' &&
    request.header('sec-fetch-site') === 'cross-site' &&
    readCookie(request.header('cookie'), cookieName) === null
  )
}

/** Only a user starts a sign-in: no frame, image or prefetch does (BFF-24). */
function refuseUnlessOpened(request: RequestView): void {
  const destination = request.header('sec-fetch-dest')
  if ((destination !== undefined && destination !== 'document') || isAheadOfTime(request))
    throw new BffError('login_refused')
}
