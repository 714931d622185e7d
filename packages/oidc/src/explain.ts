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

/** The application's own registration is refused: only its operator can mend that. */
const OPERATOR_ERRORS = new Set(['invalid_client', 'unauthorized_client'])
const PASSING_ERRORS = new Set(['temporarily_unavailable', 'server_error', 'slow_down'])

/** The provider answered in due form, but what it says must not be believed. */
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

/** How an operation takes the two failures that mean something else to each. */
export interface Verdicts {
  /** The provider refused, with this error code of its own. */
  readonly onRefusal: (error: string, cause: Error) => BffError
  /** The provider's answer was refused by us. */
  readonly onInvalidAnswer: (cause: Error) => BffError
}

/**
 * The one place where a failure gets its code (RFT-07, RFT-08): what is not understood is passing, so that nothing
 * but the provider's own parsed word ends anything.
 */
export function explain(error: unknown, call: Call, verdicts: Verdicts): BffError {
  const fault = call.fault()
  if (fault !== null) return fault
  if (isBffError(error)) return error
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
        "The identity provider's metadata lacks a usable endpoint. Its operator must check it.",
        { cause },
      )
    }
  }
  return unavailable(cause, answer?.retryAfter ?? null)
}

/** What an operator needs to know of an answer. */
function saidBy({ status, error, description }: Answer): string {
  const code = error === null ? '' : ` ${publicErrorCode(error)}`
  return `HTTP ${status}${code}${description === null ? '' : `: ${description}`}`
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

/** For operations that have nothing to be refused: whatever goes wrong is passing. */
export function explainOutage(error: unknown, call: Call): BffError {
  return explain(error, call, {
    onRefusal: (_code, cause) => unavailable(cause),
    onInvalidAnswer: (cause) => unavailable(cause),
  })
}

/** An error code fit for a message: the callback's is whatever somebody put into a URL. */
function publicErrorCode(error: string): string {
  return /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/.test(error) ? error : 'unknown_error'
}
