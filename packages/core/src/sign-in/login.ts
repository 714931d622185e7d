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
import { destinationOf } from './destination.ts'
import { failedSignInReply } from './failure-reply.ts'
import {
  callbackUrl,
  type LoginTransaction,
  loginCookieName,
  loginCookiePrefix,
  sealedAs,
} from './login-transaction.ts'

/** Of all attempts of a browser: servers and proxies refuse a Cookie header of 8 kB, and the app has cookies too. */
const MAX_PENDING_BYTES = 6_144

/** Answers `GET /bff/login?returnTo=/path`: sends the browser to the identity provider. */
export async function login(
  context: PluginContext,
  request: RequestView,
  query: URLSearchParams,
): Promise<Reply> {
  try {
    refuseUnlessOpened(request)
    const here = localPath(request.target)
    if (here !== null && hidesSession(request, context.options)) return continueReply(here, [])
    const asked = context.plugins.map((plugin) => plugin.signInParameters?.(query))
    return await beginSignIn(context, request, {
      returnTo: query.get('returnTo') ?? context.options.login.returnTo,
      parameters: Object.assign({}, ...asked),
      kept: keptOf(query, context.options),
    })
  } catch (error) {
    return failedSignInReply(context, 'authorize', request, error)
  }
}

const MAX_KEPT_CHARS = 256

/** @throws BffError `bad_request` for a parameter that does not fit into a cookie */
function keptOf(query: URLSearchParams, { login }: ResolvedOptions): Readonly<Record<string, string>> {
  const kept: Record<string, string> = {}
  for (const name of login.keepParameters) {
    const value = query.get(name)
    if (value === null) continue
    if (value.length > MAX_KEPT_CHARS) throw new BffError('bad_request')
    kept[name] = value
  }
  return kept
}

/**
 * Sends the browser to the identity provider.
 *
 * The browser keeps the data of each attempt, sealed, in a separate cookie (BFF-25), so that a flood of sign-ins uses no
 * memory of the server.
 */
export async function beginSignIn(
  { options, provider, requests, originOf, marks, encryptor, clock, emit }: PluginContext,
  request: RequestView,
  how: SignInRequest,
): Promise<Reply> {
  const { login, loginCookie } = options
  if (provider === null) throw new BffError('not_configured')
  const origin = originOf(request)
  const returnTo = destinationOf(how.returnTo, options)
  if (returnTo === null) throw new BffError('invalid_return_to')

  const current = how.isApart ? null : await requests.load(request)
  const session = current !== null && 'session' in current ? current.session : null
  const state = randomToken() + (how.mark ?? '')
  const { url, transaction } = await provider.authorize({
    redirectUri: callbackUrl(origin, options),
    state,
    parameters: withMaxAge({ ...login.parameters, ...how.parameters }, options),
    signal: request.signal,
    request,
    session,
  })
  const pending: LoginTransaction = {
    returnTo,
    origin,
    startedAt: clock.now(),
    began: await marks.begin(),
    replaces: session?.handle ?? null,
    transaction,
    ...(how.isApart && { isApart: true }),
    ...(how.kept !== undefined && { kept: how.kept }),
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

/** Asks for an authentication whose session would not have expired already; a plugin or a step-up may ask for a newer one. */
function withMaxAge(
  parameters: SignInRequest['parameters'],
  { session: { maxAuthenticationAgeMs: maxMs } }: ResolvedOptions,
): SignInRequest['parameters'] {
  if (maxMs === 0) return parameters
  const asked = Number(parameters['max_age'] ?? Infinity)
  return asked < maxMs / 1000 ? parameters : { ...parameters, max_age: String(Math.floor(maxMs / 1000)) }
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
