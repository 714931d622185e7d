import { BffError } from '@bff/core'

/** The user cancelled, or the provider refused (RFC 6749 §4.1.2.1). */
const CANCELLED = 'access_denied'

/**
 * The provider refuses the registration of this application: RFC 6749 §4.1.2.1 and §5.2, OpenID Connect Core §3.1.2.6, RFC
 * 9126 §2.3, RFC 8707 §2.
 */
const REGISTRATION_ERRORS = new Set([
  ...['invalid_request', 'invalid_client', 'unauthorized_client', 'unsupported_response_type'],
  ...['unsupported_grant_type', 'invalid_scope', 'invalid_redirect_uri', 'invalid_target'],
  ...['invalid_request_uri', 'invalid_request_object', 'request_not_supported', 'request_uri_not_supported'],
])

/** @param error the provider's own error code, safe in a message */
export function loginRefused(error: string, cause: Error): BffError {
  if (error === CANCELLED) return new BffError('login_cancelled', undefined, { cause })
  if (REGISTRATION_ERRORS.has(error))
    return new BffError(
      'provider_misconfigured',
      `The identity provider refused the request of this application (${error}). Compare client, scope and redirect URI with its registration there.`,
      { cause },
    )
  return new BffError(
    'login_failed',
    `The identity provider did not complete the sign-in (${error}). Start signing in again.`,
    { cause },
  )
}

export function loginInvalid(cause: Error): BffError {
  return new BffError(
    'login_failed',
    "The identity provider's response failed a check. Start signing in again.",
    {
      cause,
    },
  )
}
