/**
 * Every error code with its HTTP status and its default message. Codes are stable: they are part of the public API and
 * listed in `docs/errors.md`.
 */
export const ERRORS = {
  // Sessions
  no_session: [401, 'You are not signed in. Sign in and try again.'],
  session_expired: [401, 'Your session has expired. Sign in again.'],
  invalid_session: [401, 'Your session is not valid any more. Sign in again.'],
  session_conflict: [409, 'A session with this handle exists. Create the session again.'],
  device_unproven: [401, 'This browser did not prove that the session is its own. Sign in again.'],
  device_required: [
    401,
    'This application needs a browser that binds sessions to its device. Use one that does.',
  ],
  device_busy: [503, 'The browser could not prove that the session is its own. Try again shortly.'],
  token_expired: [401, 'The access token has expired and cannot be refreshed. Sign in again.'],
  insufficient_user_authentication: [
    401,
    'The API wants a stronger or a more recent sign-in. Sign in again.',
  ],
  // Refused requests
  csrf_violation: [403, 'The request was refused. Send the X-CSRF: 1 header from a page of this origin.'],
  unknown_origin: [421, 'This host is not one of this application. Check the address.'],
  rate_limited: [429, 'Too many requests. Wait and try again.'],
  bad_request: [400, 'The request is malformed. Check its parameters, headers and body.'],
  invalid_path: [400, 'The request path is not allowed. Send a plain path.'],
  invalid_return_to: [400, 'returnTo must be a local path such as /orders.'],
  not_found: [404, 'There is nothing at this path. Check the address.'],
  method_not_allowed: [405, 'This method is not allowed here. Use one that the Allow header names.'],
  payload_too_large: [413, 'The request body is too large. Send a smaller one.'],
  headers_too_large: [431, 'The Cookie header is too large. Clear the cookies of this site and try again.'],
  body_consumed: [
    500,
    'The request body was read before it reached the BFF. Register the BFF ahead of any body parser.',
  ],
  // Sign-in
  login_expired: [400, 'This sign-in attempt is unknown, used or too old. Start signing in again.'],
  login_cancelled: [400, 'The sign-in was cancelled at the identity provider. Start signing in again.'],
  login_failed: [400, 'The identity provider did not complete the sign-in. Start signing in again.'],
  login_refused: [403, 'Sign-in starts only from a page the user opened. Navigate to it at top level.'],
  sign_in_refused: [403, 'You may not sign in to this application. Ask its operator for access.'],
  not_configured: [
    501,
    'This BFF has no identity provider that can do that. Its operator must configure one.',
  ],
  // Refresh
  refresh_rejected: [401, 'The identity provider ended this session. Sign in again.'],
  provider_unavailable: [503, 'The identity provider does not answer. Try again shortly.'],
  provider_misconfigured: [
    503,
    'The identity provider refused this application. Its operator must check how it is registered there.',
  ],
  refresh_busy: [503, 'The session is being refreshed elsewhere. Try again shortly.'],
  // Stores and sealing
  store_unavailable: [503, 'The session store does not answer. Try again shortly.'],
  store_full: [503, 'The session store is full. Try again later.'],
  seal_broken: [401, 'The stored session cannot be opened. Sign in again.'],
  key_unavailable: [
    503,
    'The stored session was sealed with a key that this server does not have. Try again shortly.',
  ],
  // Proxy
  upstream_unavailable: [502, 'The API could not be reached. Try again shortly.'],
  upstream_timeout: [504, 'The API did not answer in time. Try again shortly.'],
  dpop_failed: [502, 'The proof of possession for the API could not be made. Sign in again.'],
  // For developers and operators
  shutting_down: [503, 'This server is shutting down. Try again shortly.'],
  invalid_config: [500, 'The configuration is not valid. The operator must correct it.'],
  invalid_argument: [500, 'An argument is not valid. The developer must correct the call.'],
  internal_error: [500, 'Something went wrong on our side. Try again later.'],
} as const satisfies Record<string, readonly [status: number, message: string]>

/**
 * Error codes of plugins, by declaration merging: each code with the HTTP status it answers.
 *
 * @example
 * ```ts
 * import { BffError } from '@bff/core'
 *
 * declare module '@bff/core' {
 *   interface PluginErrorCodes {
 *     'shop.sold_out': 409
 *   }
 * }
 *
 * export const soldOut = () =>
 *   new BffError('shop.sold_out', 'This article is sold out. Choose another one.', { status: 409 })
 * ```
 */
// biome-ignore lint/suspicious/noEmptyInterface: plugins fill it.
export interface PluginErrorCodes {}

/** The stable codes of core. */
export type CoreErrorCode = keyof typeof ERRORS

/** The stable codes of a {@link BffError}: those of core, and those of plugins. */
export type BffErrorCode = CoreErrorCode | keyof PluginErrorCodes

/** All error codes, in the order of `docs/errors.md`. */
export const BFF_ERROR_CODES = Object.keys(ERRORS) as readonly CoreErrorCode[]
