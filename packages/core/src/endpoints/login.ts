import { randomToken } from '../crypto/hash.ts'
import { BffError } from '../errors.ts'
import type { Extension } from '../extension.ts'
import { clearCookie, cookieNames, setCookie } from '../http/cookie.ts'
import { redirectReply } from '../http/replies.ts'
import type { Reply } from '../http/reply.ts'
import type { RequestView } from '../http/request-view.ts'
import { isLocalPath } from '../http/return-to.ts'
import type { Endpoint, EndpointContext } from './endpoint.ts'
import {
  bindingHashOf,
  callbackUrl,
  failedSignIn,
  type LoginTransaction,
  loginCookiePrefix,
  loginKey,
  sealedAs,
} from './login-transaction.ts'

/** How a sign-in is begun. */
export interface SignInRequest {
  /** A local path. */
  readonly returnTo: string
  /** Authorization parameters, over those of the configuration. */
  readonly parameters: Readonly<Record<string, string>>
  /** Ends the `state`, so that whoever began it knows it again at the callback. */
  readonly mark?: string
}

/** `GET /bff/login?returnTo=/path`: sends the browser to the identity provider. */
export function loginEndpoint(context: EndpointContext, extensions: readonly Extension[]): Endpoint {
  async function start(request: RequestView, query: URLSearchParams) {
    refuseUnlessOpened(request)
    const asked = extensions.map((extension) => extension.signInParameters?.(query))
    return beginSignIn(context, request, {
      returnTo: query.get('returnTo') ?? context.options.login.returnTo,
      parameters: Object.assign({}, ...asked),
    })
  }

  return {
    methods: { GET: (request, query) => start(request, query).catch(failedSignIn(context, request)) },
    csrfExempt: ['GET'],
  }
}

/**
 * Sends the browser to the identity provider.
 *
 * What must be remembered lives sealed in the TTL store under the state's handle; the browser is bound to it by
 * a cookie of its own for each attempt, of which only the newest few stay (BFF-25).
 */
export async function beginSignIn(
  { options, provider, stores, encryptor, clock, emit }: EndpointContext,
  request: RequestView,
  { returnTo, parameters, mark = '' }: SignInRequest,
): Promise<Reply> {
  const { login, loginCookie } = options
  if (provider === null) throw new BffError('not_configured')
  if (!isLocalPath(returnTo)) throw new BffError('invalid_return_to')

  const state = randomToken() + mark
  const binding = randomToken()
  const { url, transaction } = await provider.authorize({
    redirectUri: callbackUrl(options),
    state,
    parameters: { ...login.parameters, ...parameters },
    signal: request.signal,
  })
  const pending: LoginTransaction = {
    bindingHash: await bindingHashOf(state, binding),
    returnTo,
    startedAt: clock.now(),
    transaction,
  }
  const key = loginKey(state)
  const sealed = await encryptor.encryptString(JSON.stringify(pending), sealedAs(key))
  await stores.ttl.set(key, sealed, login.transactionTtlMs)
  emit({ type: 'login.started' })

  const prefix = loginCookiePrefix(options)
  const older = cookieNames(request.header('cookie'), prefix)
  const surplus = older.slice(0, Math.max(0, older.length - login.maxPending + 1))
  return redirectReply(url, [
    ...surplus.map((name) => clearCookie(name, loginCookie)),
    setCookie(prefix + key.slice(-16), binding, login.transactionTtlMs / 1000, loginCookie),
  ])
}

/** Sign-in is a person's own act: no frame, image or prefetch starts one (BFF-24). */
function refuseUnlessOpened(request: RequestView): void {
  const destination = request.header('sec-fetch-dest')
  const purpose = request.header('sec-purpose') ?? request.header('purpose') ?? ''
  if ((destination !== undefined && destination !== 'document') || purpose.includes('prefetch'))
    throw new BffError('login_refused')
}
