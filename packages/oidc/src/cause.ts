import { forLog } from '@bff/core/authoring'
import { AuthorizationResponseError } from 'openid-client'

/** Errors whose messages are fixed sentences about an answer, and never quote it. */
const SPEAKING_ERRORS = new Set([
  'ClientError',
  'OperationProcessingError',
  'UnsupportedOperationError',
  'ResponseBodyError',
  'AuthorizationResponseError',
  'WWWAuthenticateChallengeError',
  'TimeoutError',
  'AbortError',
])

/**
 * Returns what operators may see of `error`: what the provider `said`, the error's name and code, and the message of known
 * libraries.
 *
 * It does not keep the original: errors of openid-client and jose contain responses with tokens, and the message of a
 * `SyntaxError` quotes the text it could not parse (LOG-01).
 */
export function causeOf(error: unknown, said: string | null = null): Error {
  const parts = said === null ? [] : [said]
  let current = error
  for (let depth = 0; depth < 3 && current instanceof Error; depth += 1) {
    parts.push(describe(current))
    current = current.cause
  }
  return new Error(parts.length === 0 ? 'unknown' : parts.join(' <- '))
}

function describe(error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? ` ${error.code}` : ''
  const message = SPEAKING_ERRORS.has(error.name) ? `: ${error.message}` : ''
  return `${error.name}${code}${message}${quote(error)}`
}

const MAX_DESCRIPTION = 300
/** A token that a provider repeats in its description. */
const TOKEN_LIKE = /[\w.~+=-]{32,}/g

/** The provider's own `error` and `error_description` at the callback (RFC 6749 §4.1.2.1), or nothing. */
function quote(error: Error): string {
  if (!(error instanceof AuthorizationResponseError)) return ''
  const { error: code, error_description: description = '' } = error
  const said = [code, description].filter((text) => typeof text === 'string' && text !== '').join(': ')
  return ` (${forOperators(said)})`
}

/** Returns the provider's text for a log: short, in one line, without anything like a token. */
export function forOperators(text: string): string {
  return forLog(text.replaceAll(TOKEN_LIKE, '…').slice(0, MAX_DESCRIPTION))
}
