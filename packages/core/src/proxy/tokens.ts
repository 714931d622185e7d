import type { TokenRefresh } from '../contracts/parts.ts'
import type { AccessTokens, Session } from '../contracts/session.ts'
import { BffError } from '../internal/bff-error.ts'
import type { TokenRequest } from './proxy-route.ts'
import type { Route } from './routes.ts'

/** The credentials of one request; no other request uses them (DPO-11). */
export interface Bearer {
  readonly tokens: AccessTokens
  /** Returns the credentials to send after the API has refused these; `null` when there are no newer ones. */
  replaceRefused(): Promise<Bearer | null>
}

/**
 * Returns the credentials of a request to the API of a route; `null` when the route sends none. The BFF never silently
 * replaces a signed-in user by itself: `user-or-client` sends the client's token without a session, or when the session never
 * had a token, and refuses when the user's token has expired.
 *
 * @throws BffError `no_session`, `token_expired`, and what `session.tokens()` and the route's sources throw
 */
export async function bearerOf(
  route: Pick<Route, 'token' | 'userToken' | 'clientToken'>,
  session: Session | null,
  request: { readonly signal: AbortSignal },
  refresh: Pick<TokenRefresh, 'replaceRefused'>,
): Promise<Bearer | null> {
  const { token, userToken, clientToken } = route
  if (token === 'none') return null
  if (session !== null && token !== 'client') {
    const bearer =
      userToken === undefined
        ? ofSession(await session.tokens(), session, refresh)
        : await ofSource((asked) => userToken(session, asked), request.signal)
    if (bearer !== null) return bearer
  }
  if (token === 'user' && session === null) throw new BffError('no_session')
  if (token === 'user')
    throw new BffError('token_expired', 'This session has no access token for the API. Sign in again.')
  return clientToken === undefined ? null : ofSource(clientToken, request.signal)
}

function ofSession(
  tokens: AccessTokens | null,
  session: Session,
  refresh: Pick<TokenRefresh, 'replaceRefused'>,
): Bearer | null {
  if (tokens === null) return null
  return {
    tokens,
    async replaceRefused() {
      if (!session.hasRefreshToken) return null
      const next = await refresh.replaceRefused(session)
      if (next === null) throw new BffError('invalid_session')
      return newer(tokens, ofSession(await next.tokens(), next, refresh))
    },
  }
}

async function ofSource(
  source: (request: TokenRequest) => Promise<AccessTokens | null>,
  signal: AbortSignal,
  rejected: string | null = null,
): Promise<Bearer | null> {
  const tokens = await source({ rejected, signal })
  if (tokens === null) return null
  return {
    tokens,
    replaceRefused: async () => newer(tokens, await ofSource(source, signal, tokens.accessToken)),
  }
}

const newer = (refused: AccessTokens, next: Bearer | null) =>
  next === null || next.tokens.accessToken === refused.accessToken ? null : next
