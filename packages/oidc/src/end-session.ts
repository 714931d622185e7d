import type { EndSessionRequest } from '@bff/core'
import type { Client } from './client.ts'
import { explainOutage } from './explain.ts'

/** Some browsers and servers accept no longer URLs (LGO-20). */
const MAX_URL_LENGTH = 2048
/** How long a sign-out waits for the metadata, in milliseconds. */
const TIMEOUT_MS = 3_000

/**
 * Returns the URL for the sign-out at the provider (OpenID Connect RP-Initiated Logout 1.0 §2), or `null` when the provider
 * has none (LGO-16). With `idTokenHint` the ID token says who signs out, unless it makes the URL too long; otherwise the subject
 * does. Never both: Auth0 expects a session id as `logout_hint`, and refuses hints that differ.
 */
export async function endSessionUrl(client: Client, request: EndSessionRequest): Promise<string | null> {
  const { clientId, idTokenHint, logoutReturnParameter } = client.settings
  const { end_session_endpoint: endpoint } = client.knownMetadata() ?? (await fetchMetadata(client))
  if (endpoint === undefined) return null
  const url = new URL(endpoint)
  url.searchParams.set('client_id', clientId)
  url.searchParams.set(logoutReturnParameter, request.postLogoutRedirectUri)
  if (logoutReturnParameter !== 'post_logout_redirect_uri') return url.href
  if (request.state !== null) url.searchParams.set('state', request.state)
  if (idTokenHint && request.idToken !== null) {
    const withToken = new URL(url)
    withToken.searchParams.set('id_token_hint', request.idToken)
    if (withToken.href.length <= MAX_URL_LENGTH) return withToken.href
  }
  if (request.subject !== null) url.searchParams.set('logout_hint', request.subject)
  return url.href
}

function fetchMetadata({ transport, settings, metadata }: Client) {
  const timeoutMs = Math.min(settings.timeoutMs, TIMEOUT_MS)
  return transport.call({ timeoutMs, explain: explainOutage }, (call) => metadata(call.signal))
}
