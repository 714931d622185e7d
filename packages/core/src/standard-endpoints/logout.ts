import type { Endpoint } from '../contracts/endpoint.ts'
import type { PluginContext } from '../contracts/plugin.ts'
import type { Reply } from '../contracts/reply.ts'
import type { RequestView } from '../contracts/request-view.ts'
import type { Session, SessionTokens } from '../contracts/session.ts'
import { BffError } from '../internal/bff-error.ts'
import { equalsConstantTime, randomToken, sha256Base64url } from '../internal/crypto/hash.ts'
import { isOpened } from '../internal/http/opened.ts'
import { jsonReply, redirectReply } from '../internal/http/replies.ts'
import { localPath } from '../internal/http/return-to.ts'

/** How long the return from the provider's sign-out page is accepted. */
const RETURN_TTL_MS = 600_000
/** How long a user waits for the provider's metadata, which names its sign-out page, when it is not yet known. */
const PROVIDER_PATIENCE_MS = 1_000

/** Proves that a sign-out link was made for this session: bound to its id, and useless for anything else (LGO-18). */
export const logoutToken = async (id: string) => (await sha256Base64url(`logout:${id}`)).slice(0, 22)

/**
 * `POST /bff/logout` with the header, or `GET /bff/logout?sid=…` with the link of `bff:logout_url`.
 *
 * The session ends here first (LGO-17). Calls to the provider go through a queue, and a sign-out page that is not known
 * within a second is left out. A sign-out that could not be stored answers an error (LGO-21).
 */
export function logoutEndpoint(context: PluginContext): Endpoint {
  const { options, requests } = context

  async function signOut(request: RequestView, query: URLSearchParams, link: boolean): Promise<SignedOut> {
    const returnTo = localPath(query.get('returnTo') ?? options.logout.returnTo)
    if (returnTo === null) throw new BffError('invalid_return_to')
    if (link && !isOpened(request)) throw refused(context, 'not_opened', NOT_OPENED)
    const found = await requests.load(request)
    if (found.state !== 'live' && found.state !== 'expired')
      return { returnTo, providerUrl: null, cookies: [] }
    if (link && !equalsConstantTime(query.get('sid') ?? '', await logoutToken(found.id)))
      throw refused(context, 'logout_link', OTHER_SESSION)
    const { tokens, isEnded } = await endSession(context, found.session)
    const providerUrl = await endSessionUrl(context, found.session, tokens, returnTo)
    return { returnTo, providerUrl, cookies: isEnded ? [requests.deletion] : [] }
  }

  return {
    methods: {
      async POST(request, query): Promise<Reply> {
        const { providerUrl, cookies } = await signOut(request, query, false)
        const body = { message: 'Logged out successfully', ...(providerUrl && { logout_url: providerUrl }) }
        return jsonReply(200, body, cookies)
      },
      async GET(request, query) {
        const { returnTo, providerUrl, cookies } = await signOut(request, query, true)
        return redirectReply(providerUrl ?? returnTo, cookies)
      },
    },
    csrfExempt: ['GET'],
    getChanges: true,
  }
}

interface SignedOut {
  readonly returnTo: string
  /** Where to sign out at the provider too, or `null`. */
  readonly providerUrl: string | null
  readonly cookies: readonly string[]
}

const NOT_OPENED = 'A sign-out link must be opened by a user. Do not fetch, frame or prefetch it.'
const OTHER_SESSION = 'This sign-out link is for another session. Sign out in the app.'

function refused({ options, emit }: PluginContext, reason: string, message: string): BffError {
  emit({ type: 'csrf.rejected', reason, path: `${options.basePath}/logout` })
  return new BffError('csrf_violation', message)
}

/**
 * `GET /bff/logout/callback`: the return from the provider's sign-out page; an unknown state leads to the default path
 * (LGO-19).
 */
export function logoutCallbackEndpoint({ options, stores }: PluginContext): Endpoint {
  return {
    methods: {
      async GET(_request, query) {
        const state = query.get('state')
        const stored = state === null || state.length > 64 ? null : await stores.ttl.take(`logout:${state}`)
        return redirectReply((stored !== null && localPath(stored)) || options.logout.returnTo)
      },
    },
    csrfExempt: ['GET'],
  }
}

/** Ends the session and reports it. Returns its last tokens, for the provider's sign-out, and whether this call ended it. */
async function endSession(
  context: PluginContext,
  session: Session,
): Promise<{ tokens: SessionTokens | null; isEnded: boolean }> {
  const { ending, hooks, emit } = context
  const { handle, userId } = session
  const ended = await ending.end(handle, { reasonCode: 'logout', actorType: 'user', actorId: userId })
  try {
    await hooks.onLogout?.(session)
  } catch (cause) {
    emit({ type: 'hook.failed', hook: 'onLogout', cause })
  }
  emit({ type: 'auth.logout', by: 'local', handle, userId })
  return { tokens: ended?.tokens ?? null, isEnded: ended?.outcome === 'revoked' }
}

async function endSessionUrl(
  { provider, options, stores, clock, emit }: PluginContext,
  session: Session,
  tokens: SessionTokens | null,
  returnTo: string,
): Promise<string | null> {
  if (provider === null || !options.logout.endProviderSession) return null
  const done = new AbortController()
  try {
    const state = returnTo === options.logout.returnTo ? null : randomToken()
    if (state !== null) await stores.ttl.set(`logout:${state}`, returnTo, RETURN_TTL_MS)
    const asked = provider.endSessionUrl({
      idToken: tokens?.idToken ?? null,
      postLogoutRedirectUri: `${options.origin}${options.basePath}/logout/callback`,
      state,
      subject: session.userId,
    })
    const tooLate = clock.sleep(PROVIDER_PATIENCE_MS, done.signal).then(() => {
      throw new BffError('provider_unavailable', 'The provider did not name its sign-out page in time.')
    })
    return await Promise.race([asked, tooLate])
  } catch (cause) {
    // The user is signed out here; an outage of the provider must not turn this into an error.
    emit({ type: 'provider.failed', operation: 'endSessionUrl', code: 'provider_unavailable', cause })
    return null
  } finally {
    done.abort()
  }
}
