import { randomToken } from '../crypto/hash.ts'
import { BffError } from '../errors.ts'
import { clearCookie, cookieNames, setCookie } from '../http/cookie.ts'
import { redirectReply } from '../http/replies.ts'
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
  sealTransaction,
} from './login-transaction.ts'

/**
 * `GET /bff/login?returnTo=/path`: sends the browser to the identity provider.
 *
 * What must be remembered lives sealed in the TTL store under the state's handle; the browser is bound to it by
 * a cookie of its own for each attempt, of which only the newest few stay (BFF-25).
 */
export function loginEndpoint(context: EndpointContext): Endpoint {
  const { options, provider, stores, clock, emit } = context
  const { login, loginCookie } = options

  async function start(request: RequestView, query: URLSearchParams) {
    if (provider === null) throw new BffError('not_configured')
    refuseUnlessOpened(request)
    const returnTo = query.get('returnTo') ?? login.returnTo
    if (!isLocalPath(returnTo)) throw new BffError('invalid_return_to')

    const state = randomToken()
    const binding = randomToken()
    const { url, transaction } = await provider.authorize({
      redirectUri: callbackUrl(options),
      state,
      parameters: login.parameters,
      signal: request.signal,
    })
    const pending: LoginTransaction = {
      bindingHash: await bindingHashOf(state, binding),
      returnTo,
      startedAt: clock.now(),
      transaction,
    }
    const key = loginKey(state)
    await stores.ttl.set(key, await sealTransaction(context.encryptor, key, pending), login.transactionTtlMs)
    emit({ type: 'login.started' })

    const prefix = loginCookiePrefix(options)
    const older = cookieNames(request.header('cookie'), prefix)
    const surplus = older.slice(0, Math.max(0, older.length - login.maxPending + 1))
    return redirectReply(url, [
      ...surplus.map((name) => clearCookie(name, loginCookie)),
      setCookie(prefix + key.slice(-16), binding, login.transactionTtlMs / 1000, loginCookie),
    ])
  }

  return {
    methods: { GET: (request, query) => start(request, query).catch(failedSignIn(context, request)) },
    csrfExempt: ['GET'],
  }
}

/** Sign-in is a person's own act: no frame, image or prefetch starts one (BFF-24). */
function refuseUnlessOpened(request: RequestView): void {
  const destination = request.header('sec-fetch-dest')
  const purpose = request.header('sec-purpose') ?? request.header('purpose') ?? ''
  if ((destination !== undefined && destination !== 'document') || purpose.includes('prefetch'))
    throw new BffError('login_refused')
}
