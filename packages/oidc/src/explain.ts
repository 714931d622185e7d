import { BffError, isBffError } from '@bff/core'
import {
  AuthorizationResponseError,
  ClientError,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
} from 'openid-client'
import type { Answer } from './answer.ts'
import { causeOf } from './cause.ts'
import type { Call } from './transport.ts'

/** The provider refuses the application's own registration: only its operator can fix that. */
const OPERATOR_ERRORS = new Set(['invalid_client', 'unauthorized_client'])
const PASSING_ERRORS = new Set(['temporarily_unavailable', 'server_error', 'slow_down'])

/** The provider's response is well-formed, but it must not be trusted. */
const REFUSED_ANSWERS = new Set([
  'OAUTH_INVALID_RESPONSE',
  'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
  'OAUTH_JWT_TIMESTAMP_CHECK_FAILED',
  'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED',
  'OAUTH_KEY_SELECTION_FAILED',
  'OAUTH_UNSUPPORTED_OPERATION',
])

const UNUSABLE_METADATA = new Set([
  'OAUTH_MISSING_SERVER_METADATA',
  'OAUTH_INVALID_SERVER_METADATA',
  'OAUTH_HTTP_REQUEST_FORBIDDEN',
  'OAUTH_REQUEST_PROTOCOL_FORBIDDEN',
])

/** The two failures whose meaning depends on the operation. */
export interface Verdicts {
  /** Returns the error for a refusal by the provider, with its error code. */
  readonly onRefusal: (error: string, cause: Error) => BffError
  /** Returns the error for a response that failed a check. */
  readonly onInvalidAnswer: (cause: Error) => BffError
}

/**
 * The one place where a failure gets its code (RFT-07, RFT-08): an unknown failure is temporary, so that only the provider's
 * own parsed response ends a session.
 */
export function explain(error: unknown, call: Call, verdicts: Verdicts): BffError {
  const fault = call.fault()
  if (fault !== null) return fault
  if (isBffError(error)) return error
  // What proves the client has failed: openid-client wraps every error it does not know.
  if (error instanceof ClientError && isBffError(error.cause)) return error.cause
  const answer = call.answer()
  if (error instanceof AuthorizationResponseError) {
    return verdicts.onRefusal(publicErrorCode(error.error), causeOf(error))
  }
  const cause = causeOf(error, answer === null ? null : saidBy(answer))
  if (answer !== null && answer.error !== null && answer.isInDueForm && isEndpointError(error)) {
    return explainRefusal(answer.error, answer.retryAfter, cause, verdicts, call.credentialsHint)
  }
  if (error instanceof ClientError && error.code !== undefined) {
    if (REFUSED_ANSWERS.has(error.code)) return verdicts.onInvalidAnswer(cause)
    if (UNUSABLE_METADATA.has(error.code)) {
      return new BffError(
        'provider_misconfigured',
        "The identity provider's metadata has no usable endpoint. Its operator must check it.",
        { cause },
      )
    }
  }
  return unavailable(cause, answer?.retryAfter ?? null)
}

/** Returns what an operator needs to know of a response. */
function saidBy({ from, status, error, description }: Answer): string {
  const code = error === null ? '' : ` ${publicErrorCode(error)}`
  return `HTTP ${status}${code} from ${from}${description === null ? '' : `: ${description}`}`
}

function isEndpointError(error: unknown): boolean {
  return error instanceof ResponseBodyError || error instanceof WWWAuthenticateChallengeError
}

function explainRefusal(
  error: string,
  retryAfter: number | null,
  cause: Error,
  verdicts: Verdicts,
  hint: string | null,
): BffError {
  if (PASSING_ERRORS.has(error)) return unavailable(cause, retryAfter)
  const code = publicErrorCode(error)
  if (!OPERATOR_ERRORS.has(error)) return verdicts.onRefusal(code, cause)
  return new BffError(
    'provider_misconfigured',
    `The identity provider refused this application (${code}). Its operator must check the client credentials.${error === 'invalid_client' && hint !== null ? ` ${hint}` : ''}`,
    { cause },
  )
}

export function unavailable(cause: Error, retryAfter: number | null = null): BffError {
  return new BffError('provider_unavailable', undefined, {
    cause,
    ...(retryAfter === null ? {} : { retryAfter }),
  })
}

/** For operations that the provider does not refuse: every failure is temporary. */
export function explainOutage(error: unknown, call: Call): BffError {
  return explain(error, call, {
    onRefusal: (_code, cause) => unavailable(cause),
    onInvalidAnswer: (cause) => unavailable(cause),
  })
}

/** Returns an error code that is safe in a message: the callback's code comes from a URL, so anyone can choose it. */
function publicErrorCode(error: string): string {
  return /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/.test(error) ? error : 'unknown_error'
}
