import type { EndSessionRequest } from '@bff/core'
import type { Client } from './client.ts'
import { explainOutage } from './explain.ts'

/** Some browsers and servers accept no longer URLs (LGO-20). */
const MAX_URL_LENGTH = 2048
/** How long a sign-out waits for the metadata, in milliseconds. */
const TIMEOUT_MS = 3_000

/**
 * Returns the URL for the sign-out at the provider (OpenID Connect RP-Initiated Logout 1.0 §2), or `null` when the provider
 * has none (LGO-16). The hint is the only parameter that contains a token; it is left out when it makes the URL too long.
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
  if (request.subject !== null) url.searchParams.set('logout_hint', request.subject)
  if (!idTokenHint || request.idToken === null) return url.href
  const withHint = new URL(url)
  withHint.searchParams.set('id_token_hint', request.idToken)
  return withHint.href.length <= MAX_URL_LENGTH ? withHint.href : url.href
}

function fetchMetadata({ transport, settings, metadata }: Client) {
  const timeoutMs = Math.min(settings.timeoutMs, TIMEOUT_MS)
  return transport.call({ timeoutMs, explain: explainOutage }, (call) => metadata(call.signal))
}
