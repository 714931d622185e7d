import { equalsConstantTime } from '../crypto/hash.ts'
import { BffError } from '../errors.ts'
import { clearCookie, readCookie } from '../http/cookie.ts'
import { continueReply, redirectReply } from '../http/replies.ts'
import type { RequestView } from '../http/request-view.ts'
import { isLocalPath } from '../http/return-to.ts'
import type { Grant } from '../provider/identity-provider.ts'
import type { NewSession } from '../session/new-session.ts'
import type { Endpoint, EndpointContext } from './endpoint.ts'
import {
  bindingHashOf,
  callbackUrl,
  failedSignIn,
  type LoginTransaction,
  loginCookiePrefix,
  loginKey,
  openTransaction,
} from './login-transaction.ts'

/**
 * `GET /bff/callback`: completes a sign-in. Its transaction serves once, to the browser that started it; a
 * session already there is replaced by the new one, never merged (CKS-10).
 */
export function callbackEndpoint(context: EndpointContext): Endpoint {
  const { options, provider, sessions, requests, hooks, emit } = context

  async function complete(request: RequestView, query: URLSearchParams) {
    if (provider === null) throw new BffError('not_configured')
    const state = query.get('state') ?? ''
    const { transaction, returnTo } = await takeTransaction(context, request, state)
    const grant = await provider.exchange(
      { url: `${callbackUrl(options)}?${query}`, state, signal: request.signal },
      transaction,
    )
    const draft = newSession(grant, request, context.clientAddress(request))
    const issued = await sessions.create({ ...draft, ...(await hooks.onCreateSession?.(draft, request)) })
    const before = await requests.load(request)
    if (before.state === 'live')
      await sessions.revoke(before.session.handle, { reasonCode: 'replaced_by_login', actorType: 'user' })
    emit({ type: 'login.succeeded', handle: issued.session.handle, userId: issued.session.userId })

    const cookies = [
      issued.cookie,
      clearCookie(loginCookiePrefix(options) + state.slice(0, 16), options.loginCookie),
    ]
    const crossSite =
      request.header('sec-fetch-site') === 'cross-site' && options.sessionCookie.sameSite === 'strict'
    return crossSite ? continueReply(returnTo, cookies) : redirectReply(returnTo, cookies)
  }

  return {
    methods: { GET: (request, query) => complete(request, query).catch(failedSignIn(context, request)) },
    csrfExempt: ['GET'],
  }
}

/** @throws BffError `login_expired` unless this browser started exactly this, recently, and uses it first */
async function takeTransaction(
  { options, stores, encryptor, clock }: EndpointContext,
  request: RequestView,
  state: string,
): Promise<LoginTransaction> {
  const key = loginKey(state)
  const cookie = readCookie(request.header('cookie'), loginCookiePrefix(options) + state.slice(0, 16))
  if (cookie === null || cookie === 'duplicate') throw new BffError('login_expired')
  const sealed = await stores.ttl.get(key)
  if (sealed === null) throw new BffError('login_expired')
  const pending = await openTransaction(encryptor, key, sealed)
  const genuine =
    equalsConstantTime(await bindingHashOf(state, cookie.value), pending.bindingHash) &&
    clock.now() - pending.startedAt <= options.login.transactionTtlMs &&
    isLocalPath(pending.returnTo)
  // Taken only once it is known to be theirs: a stranger who saw the state must not use it up.
  if (!genuine || (await stores.ttl.take(key)) === null) throw new BffError('login_expired')
  return pending
}

function newSession(grant: Grant, request: RequestView, ipAddress: string | null): NewSession {
  return {
    userId: grant.subject,
    issuer: grant.issuer,
    tokens: grant,
    claims: grant.claims,
    sessionState: grant.sessionState,
    providerSessionId: grant.providerSessionId,
    ipAddress,
    userAgent: request.header('user-agent') ?? null,
  }
}
