import type { PluginContext } from '../contracts/plugin.ts'
import type { Reply } from '../contracts/reply.ts'
import type { RequestView } from '../contracts/request-view.ts'
import type { Session, SessionTokens } from '../contracts/session.ts'
import { BffError, isBffError } from '../internal/bff-error.ts'
import { equalsConstantTime, randomToken } from '../internal/crypto/hash.ts'
import { isOpened } from '../internal/http/opened.ts'
import { jsonReply, redirectReply } from '../internal/http/replies.ts'
import { subjectOf } from '../internal/subject.ts'
import { within } from '../internal/within.ts'
import { destinationOf } from '../sign-in/destination.ts'
import { logoutToken } from './logout-token.ts'

/** How long the return from the provider's sign-out page is accepted. */
const RETURN_TTL_MS = 600_000
/** How long a user waits for the provider's metadata, which names its sign-out page, when it is not yet known. */
const PROVIDER_PATIENCE_MS = 1_000

/**
 * Answers `POST /bff/logout`: a script, or a form, whose browser is sent on.
 *
 * The session ends here first (LGO-17). Calls to the provider go through a queue, and a sign-out page that is not known
 * within a second is left out. A sign-out that could not be stored answers an error (LGO-21).
 */
export async function logout(
  context: PluginContext,
  request: RequestView,
  query: URLSearchParams,
): Promise<Reply> {
  const { returnTo, providerUrl, cookies } = await signOut(context, request, query, false)
  if (isOpened(request)) return redirectReply(providerUrl ?? returnTo, cookies)
  const body = { message: 'Logged out successfully', ...(providerUrl && { logout_url: providerUrl }) }
  return jsonReply(200, body, cookies)
}

/** Answers `GET /bff/logout?sid=…`, the link of `bff:logout_url`: as {@link logout}, and sends the browser on. */
export async function logoutByLink(
  context: PluginContext,
  request: RequestView,
  query: URLSearchParams,
): Promise<Reply> {
  const { returnTo, providerUrl, cookies } = await signOut(context, request, query, true)
  return redirectReply(providerUrl ?? returnTo, cookies)
}

interface SignedOut {
  readonly returnTo: string
  /** Where to sign out at the provider too, or `null`. */
  readonly providerUrl: string | null
  readonly cookies: readonly string[]
}

async function signOut(
  context: PluginContext,
  request: RequestView,
  query: URLSearchParams,
  link: boolean,
): Promise<SignedOut> {
  const { options, requests } = context
  const returnTo = destinationOf(query.get('returnTo') ?? options.logout.returnTo, options)
  if (returnTo === null) throw new BffError('invalid_return_to')
  if (link && !isOpened(request)) throw refused(context, 'not_opened', NOT_OPENED)
  const found = await requests.load(request)
  if (!('session' in found)) return { returnTo, providerUrl: null, cookies: [] }
  if (link && !equalsConstantTime(query.get('sid') ?? '', await logoutToken(found.id)))
    throw refused(context, 'logout_link', OTHER_SESSION)
  // Before anything ends: a host that is not the app's is refused.
  const origin = context.originOf(request)
  const { tokens, isRevoked } = await revokeSession(context, found.session)
  // A person with only the cookie of a bound session may end it, and must not read its ID token in the provider's URL.
  const hint = found.state === 'refused' ? null : tokens
  const providerUrl = await endSessionUrl(context, found.session, hint, { origin, returnTo })
  return { returnTo, providerUrl, cookies: isRevoked ? [requests.deletion] : [] }
}

const NOT_OPENED = 'A sign-out link must be opened by a user. Do not fetch, frame or prefetch it.'
const OTHER_SESSION = 'This sign-out link is for another session. Sign out in the app.'

function refused({ options, emit }: PluginContext, reason: string, message: string): BffError {
  emit({ type: 'csrf.rejected', reason, path: `${options.basePath}/logout` })
  return new BffError('csrf_violation', message)
}

/**
 * Answers `GET /bff/logout/callback`: the return from the provider's sign-out page; an unknown state leads to the default
 * path (LGO-19).
 */
export async function logoutCallback(
  { options, stores }: PluginContext,
  query: URLSearchParams,
): Promise<Reply> {
  const state = query.get('state')
  const stored = state === null || state.length > 64 ? null : await stores.ttl.take(`logout:${state}`)
  return redirectReply((stored !== null && destinationOf(stored, options)) || options.logout.returnTo)
}

/** Revokes the session and reports it. Returns its last tokens, for the provider's sign-out, and whether this call revoked it. */
async function revokeSession(
  context: PluginContext,
  session: Session,
): Promise<{ tokens: SessionTokens | null; isRevoked: boolean }> {
  const { sessionRevocation, hooks, emit } = context
  const { handle, userId } = session
  const revoked = await sessionRevocation.revoke(handle, {
    reasonCode: 'logout',
    actorType: 'user',
    actorId: userId,
  })
  try {
    await hooks.onLogout?.(session)
  } catch (cause) {
    emit({ type: 'hook.failed', hook: 'onLogout', cause })
  }
  emit({ type: 'auth.logout', by: 'local', handle, userId })
  return { tokens: revoked?.tokens ?? null, isRevoked: revoked?.outcome === 'revoked' }
}

async function endSessionUrl(
  { provider, options, stores, clock, emit }: PluginContext,
  session: Session,
  tokens: SessionTokens | null,
  { origin, returnTo }: { readonly origin: string; readonly returnTo: string },
): Promise<string | null> {
  if (provider === null || !options.logout.endProviderSession) return null
  try {
    const state = returnTo === options.logout.returnTo ? null : randomToken()
    if (state !== null) await stores.ttl.set(`logout:${state}`, returnTo, RETURN_TTL_MS)
    const request = {
      idToken: tokens?.idToken ?? null,
      postLogoutRedirectUri: `${origin}${options.basePath}/logout/callback`,
      state,
      issuer: session.issuer,
      provider: session.provider,
      subject: subjectOf(session),
    }
    return await within(
      clock,
      PROVIDER_PATIENCE_MS,
      () => provider.endSessionUrl(request),
      () => {
        throw new BffError('provider_unavailable', 'The provider did not name its sign-out page in time.')
      },
    )
  } catch (cause) {
    // The user is signed out here; an outage of the provider must not turn this into an error.
    const code = isBffError(cause, 'provider_misconfigured') ? cause.code : 'provider_unavailable'
    emit({ type: 'provider.failed', operation: 'endSessionUrl', code, cause })
    return null
  }
}
