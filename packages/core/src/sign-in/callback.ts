import type { Grant, RefusedGrant } from '../contracts/identity-provider.ts'
import type { NewSession } from '../contracts/new-session.ts'
import type { PluginContext } from '../contracts/plugin.ts'
import type { Reply } from '../contracts/reply.ts'
import type { RequestView } from '../contracts/request-view.ts'
import type { ResolvedOptions } from '../contracts/resolved-options.ts'
import type { Session, SessionHandle } from '../contracts/session.ts'
import type { IssuedSession } from '../contracts/sessions.ts'
import { BffError, isBffError } from '../internal/bff-error.ts'
import { clearCookie, cookiesOf, readCookie } from '../internal/http/cookie.ts'
import { readForm } from '../internal/http/form.ts'
import { continueReply, redirectReply } from '../internal/http/replies.ts'
import { destinationOf } from './destination.ts'
import { failedSignInReply } from './failure-reply.ts'
import {
  callbackUrl,
  completedKey,
  type LoginTransaction,
  loginCookieName,
  loginCookiePrefix,
  overtakenKey,
  sealedAs,
} from './login-transaction.ts'

const FAILED = { reasonCode: 'login_failed', actorType: 'system', actorId: null } as const

/**
 * Answers `GET /bff/callback`: completes a sign-in. Its transaction is accepted once, from the browser that started it. The
 * new session replaces an existing one; they are never merged (CKS-10).
 */
export async function callback(
  context: PluginContext,
  request: RequestView,
  query: URLSearchParams,
): Promise<Reply> {
  const spent: string[] = []
  try {
    return await completeSignIn(context, request, query, spent)
  } catch (error) {
    return failedSignInReply(context, 'exchange', request, error, spent)
  }
}

async function completeSignIn(
  context: PluginContext,
  request: RequestView,
  query: URLSearchParams,
  spent: string[],
): Promise<Reply> {
  const { options, provider, sessionRevocation, emit } = context
  if (provider === null) throw new BffError('not_configured')
  const state = query.get('state') ?? ''
  const { transaction, returnTo, startedAt, began, replaces, isApart, kept } = await openTransaction(
    context,
    request,
    state,
    spent,
  )
  const onRefused = (refused: RefusedGrant) => discard(context, refused)
  const grant = await once(context, state, () =>
    provider.exchange(
      {
        url: `${callbackUrl(context.originOf(request), options)}?${query}`,
        state,
        signal: request.signal,
        onRefused,
      },
      transaction,
    ),
  )
  const issued = await createSession(context, grant, request, kept)
  try {
    await refuseEndedMeanwhile(context, issued.session, began)
    for (const plugin of context.plugins) await plugin.onSignIn?.(issued.session, startedAt)
    if (!isApart) await endReplaced(context, request, state, issued.session.handle, replaces)
  } catch (error) {
    // Its cookie is not sent.
    await sessionRevocation.revoke(issued.session.handle, FAILED).catch(() => null)
    throw error
  }
  emit({ type: 'login.succeeded', handle: issued.session.handle, userId: issued.session.userId })

  const cookies = [issued.cookie, ...spent]
  return isFromElsewhere(request, options)
    ? continueReply(returnTo, cookies)
    : redirectReply(returnTo, cookies)
}

/** Tokens that no session holds must not stay valid at the provider. */
function discard({ tokenRevocation }: PluginContext, grant: RefusedGrant): void {
  const { subject, issuer, provider = null, ...tokens } = grant
  tokenRevocation.revoke({ userId: subject, subject, issuer, provider }, tokens)
}

async function createSession(
  context: PluginContext,
  grant: Grant,
  request: RequestView,
  kept: LoginTransaction['kept'],
): Promise<IssuedSession<Session['metadata']>> {
  try {
    const draft = newSession(grant, request, context.clientAddress(request))
    return await context.sessions.create(await context.admit(draft, request, kept))
  } catch (error) {
    discard(context, grant)
    throw error
  }
}

/** The parameters of an authorization response (RFC 6749 §4.1.2, RFC 9207, OpenID Connect Session Management 1.0 §2). */
const RESPONSE_FIELDS = ['code', 'state', 'iss', 'error', 'error_description', 'session_state']
const MAX_FORM_BYTES = 16_384

/**
 * Answers `POST /bff/callback`. A response by form (OAuth 2.0 Form Post Response Mode) is a request from another site,
 * without cookies. It continues as a GET, which has them.
 */
export async function callbackByForm(context: PluginContext, request: RequestView): Promise<Reply> {
  try {
    const form = await readForm(request, MAX_FORM_BYTES)
    const query = new URLSearchParams()
    for (const name of RESPONSE_FIELDS) {
      for (const value of form.getAll(name)) query.append(name, value)
    }
    return redirectReply(`${context.options.basePath}/callback?${query}`)
  } catch (error) {
    return failedSignInReply(context, 'exchange', request, error)
  }
}

/**
 * @param spent gets the `Set-Cookie` value that deletes the attempt's cookie, regardless of the result
 * @throws BffError `login_expired` unless this browser recently started this sign-in
 */
async function openTransaction(
  { options, originOf, encryptor, clock }: PluginContext,
  request: RequestView,
  state: string,
  spent: string[],
): Promise<LoginTransaction> {
  const name = loginCookieName(options, state)
  const cookie = readCookie(request.header('cookie'), name)
  if (cookie === null || cookie === 'duplicate') throw new BffError('login_expired')
  spent.push(clearCookie(name, options.loginCookie))
  const text = await encryptor.decryptString(cookie.value, await sealedAs(state)).catch((cause: unknown) => {
    throw isBffError(cause, 'seal_broken') ? new BffError('login_expired', undefined, { cause }) : cause
  })
  const pending = JSON.parse(text) as LoginTransaction
  // In both directions: a clock that was set back must not make an old attempt new.
  const isRecent = Math.abs(clock.now() - pending.startedAt) <= options.login.transactionTtlMs
  // An attempt from before there were several origins names none.
  const isHere = (pending.origin ?? options.origin) === originOf(request)
  if (!isRecent || !isHere || destinationOf(pending.returnTo, options) === null)
    throw new BffError('login_expired')
  return pending
}

/**
 * Accepts the first callback of a sign-in, and no other. It stores the mark only after the provider confirmed the sign-in,
 * so that callbacks without a sign-in cannot fill the store.
 *
 * @throws BffError `login_expired` for all but the first
 */
async function once(
  { options, stores, emit }: PluginContext,
  state: string,
  exchange: () => Promise<Grant>,
): Promise<Grant> {
  const key = completedKey(state)
  // Longer than any clock counts the attempt as recent.
  if (!(await stores.ttl.setIfAbsent(key, '1', 2 * options.login.transactionTtlMs)))
    throw new BffError('login_expired')
  try {
    return await exchange()
  } catch (error) {
    await stores.ttl
      .take(key)
      .catch((cause: unknown) => emit({ type: 'store.unavailable', operation: 'callback', cause }))
    throw error
  }
}

/**
 * Whether the navigation may have begun on another site, so that a redirect would not send a `SameSite=Strict` cookie.
 * Without the header (old browsers, proxies that remove it), it may have (BFF-26).
 */
function isFromElsewhere(request: RequestView, { sessionCookie }: ResolvedOptions): boolean {
  const site = request.header('sec-fetch-site')
  return sessionCookie.sameSite === 'strict' && (site === undefined || site === 'cross-site')
}

function newSession(grant: Grant, request: RequestView, ipAddress: string | null): NewSession {
  return {
    userId: grant.subject,
    issuer: grant.issuer,
    subject: grant.subject,
    provider: grant.provider ?? null,
    tokens: grant,
    claims: { ...grant.userInfo, ...grant.claims },
    sessionState: grant.sessionState,
    providerSessionId: grant.providerSessionId,
    ipAddress,
    userAgent: request.header('user-agent') ?? null,
  }
}

/**
 * Ends the sessions that this browser had: the current one, the one from the start of the attempt, and the one that another
 * attempt has made in the meantime. Attempts under way learn of the new session.
 */
async function endReplaced(
  { options, stores, sessions, requests }: PluginContext,
  request: RequestView,
  state: string,
  handle: SessionHandle,
  replaced: SessionHandle | null,
): Promise<void> {
  const own = loginCookieName(options, state)
  const shown = await requests.load(request)
  const overtaken = (await stores.ttl.take(overtakenKey(own))) as SessionHandle | null
  const old = new Set([replaced, overtaken, 'session' in shown ? shown.session.handle : null])
  for (const one of old)
    if (one !== null) await sessions.revoke(one, { reasonCode: 'replaced_by_login', actorType: 'user' })
  const pending = cookiesOf(request.header('cookie'), loginCookiePrefix(options)).slice(
    -options.login.maxPending,
  )
  for (const [name] of pending)
    if (name !== own) await stores.ttl.set(overtakenKey(name), handle, options.login.transactionTtlMs)
}

/**
 * Ends a session just stored when all sessions of its owner were ended since its sign-in began: to sign out everywhere
 * includes sign-ins under way (LGO-12).
 *
 * @throws BffError `login_expired`; `store_unavailable` when the store does not answer
 */
async function refuseEndedMeanwhile(
  { marks, sessionRevocation, emit }: PluginContext,
  session: Session,
  began: number,
): Promise<void> {
  const by = await marks.find(session, began)
  if (by === null) return
  const { handle, userId } = session
  await sessionRevocation.revoke(handle, by)
  if (by.actorType === 'provider') emit({ type: 'auth.logout', by: 'backchannel', handle, userId })
  throw new BffError('login_expired', 'You were signed out in the meantime. Sign in again.')
}
