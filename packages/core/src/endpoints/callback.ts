import { equalsConstantTime } from '../crypto/hash.ts'
import { BffError } from '../errors.ts'
import type { Extension } from '../extension.ts'
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
  sealedAs,
} from './login-transaction.ts'

/**
 * `GET /bff/callback`: completes a sign-in. Its transaction serves once, to the browser that started it; a
 * session already there is replaced by the new one, never merged (CKS-10).
 */
export function callbackEndpoint(context: EndpointContext, extensions: readonly Extension[]): Endpoint {
  const { options, provider, sessions, requests, hooks, emit } = context

  async function complete(request: RequestView, query: URLSearchParams, spent: string[]) {
    if (provider === null) throw new BffError('not_configured')
    const state = query.get('state') ?? ''
    const { transaction, returnTo, startedAt } = await takeTransaction(context, request, state, spent)
    const grant = await provider.exchange(
      { url: `${callbackUrl(options)}?${query}`, state, signal: request.signal },
      transaction,
    )
    const draft = newSession(grant, request, context.clientAddress(request))
    const issued = await sessions.create({ ...draft, ...(await hooks.onCreateSession?.(draft, request)) })
    for (const extension of extensions) await extension.onSignIn?.(issued.session, startedAt)
    const before = await requests.load(request)
    if (before.state === 'live')
      await sessions.revoke(before.session.handle, { reasonCode: 'replaced_by_login', actorType: 'user' })
    emit({ type: 'login.succeeded', handle: issued.session.handle, userId: issued.session.userId })

    const cookies = [issued.cookie, ...spent]
    const crossSite =
      request.header('sec-fetch-site') === 'cross-site' && options.sessionCookie.sameSite === 'strict'
    return crossSite ? continueReply(returnTo, cookies) : redirectReply(returnTo, cookies)
  }

  return {
    methods: {
      GET(request, query) {
        const spent: string[] = []
        return complete(request, query, spent).catch(failedSignIn(context, request, spent))
      },
    },
    csrfExempt: ['GET'],
  }
}

/**
 * @param spent gets the `Set-Cookie` value that takes the attempt's cookie away, however it ends
 * @throws BffError `login_expired` unless this browser started exactly this, recently, and uses it first
 */
async function takeTransaction(
  { options, stores, encryptor, clock }: EndpointContext,
  request: RequestView,
  state: string,
  spent: string[],
): Promise<LoginTransaction> {
  const key = loginKey(state)
  const name = loginCookiePrefix(options) + state.slice(0, 16)
  const cookie = readCookie(request.header('cookie'), name)
  if (cookie === null || cookie === 'duplicate') throw new BffError('login_expired')
  spent.push(clearCookie(name, options.loginCookie))
  const sealed = await stores.ttl.get(key)
  if (sealed === null) throw new BffError('login_expired')
  const pending = JSON.parse(await encryptor.decryptString(sealed, sealedAs(key))) as LoginTransaction
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
