import { BffError, type RefreshRequest, type TokenSet } from '@bff/core'
import { type Configuration, refreshTokenGrant } from 'openid-client'
import type { Client } from './client.ts'
import { explain as explainBy, unavailable } from './explain.ts'
import { requireTokenType, type TokenAnswer, tokensOf } from './token-answer.ts'
import type { Call, CallOptions } from './transport.ts'

/**
 * Errors that only a new sign-in can fix: `invalid_grant`, the codes for which OpenID Connect Core §3.1.2.6 and RFC 9470 §3
 * require a new sign-in, and the codes of some providers for an expired refresh token.
 */
const SIGN_IN_AGAIN: ReadonlySet<string> = new Set([
  ...['invalid_grant', 'invalid_token', 'token_inactive', 'bad_refresh_token', 'access_denied'],
  ...['interaction_required', 'login_required', 'consent_required', 'account_selection_required'],
  ...['mfa_required', 'unmet_authentication_requirements', 'insufficient_user_authentication'],
])

/** Whether the user must sign in again. */
export const meansSignInAgain = (error: string): boolean => SIGN_IN_AGAIN.has(error)

/** What a refresh says about the user. */
export type RefreshedIdentity = Pick<TokenSet, 'claims' | 'idToken' | 'userInfo'>

/**
 * Requests new tokens, with the session's own key if it has one (DPO-13).
 *
 * Core checks that they belong to the same user, and that the scope did not grow (RFT-14, RFT-15). If not, it ends the
 * session and revokes the tokens.
 */
export function refreshTokens(
  { transport, breaker }: Pick<Client, 'transport' | 'breaker'>,
  configuration: (call: Call) => Promise<Configuration>,
  request: RefreshRequest & { readonly parameters?: Record<string, string> },
  identityOf: (answer: TokenAnswer, call: Call) => Promise<RefreshedIdentity>,
  explain: CallOptions['explain'] = explainRefresh,
): Promise<TokenSet> {
  const { dpopKeyPair: keyPair, refreshToken, signal, subject, parameters } = request
  const admit = () => breaker.admit(subject)
  return transport.call({ signal, keyPair, admit, explain }, async (call) => {
    const answer = await refreshTokenGrant(await configuration(call), refreshToken, parameters)
    requireTokenType(answer, keyPair !== null)
    return { ...tokensOf(answer, keyPair), ...(await identityOf(answer, call)) }
  })
}

/** Errors that a sign-in does not fix: the application may not refresh, or not with this scope or for this API any more. */
const NOT_ALLOWED: ReadonlySet<string> = new Set([
  'unsupported_grant_type',
  'invalid_scope',
  'invalid_target',
])

const notAllowed = (code: string, cause: Error): BffError =>
  new BffError(
    'provider_misconfigured',
    `The identity provider refused to refresh (${code}). Its operator must check the application's grants and scope.`,
    { cause },
  )

/**
 * Only the provider's own error that the user must sign in again ends a session (RFT-07); every other failure is temporary
 * (RFT-08).
 */
function explainRefresh(error: unknown, call: Call): BffError {
  const rejected = (cause: Error) => new BffError('refresh_rejected', undefined, { cause })
  return explainBy(error, call, {
    onRefusal: (code, cause) => {
      if (meansSignInAgain(code)) return rejected(cause)
      if (NOT_ALLOWED.has(code)) return notAllowed(code, cause)
      return unavailable(cause, call.answer()?.retryAfter ?? null)
    },
    // GitHub answers an expired refresh token with 200 and this code, which no other provider uses.
    onInvalidAnswer: (cause) =>
      call.answer()?.error === 'bad_refresh_token' ? rejected(cause) : unavailable(cause),
  })
}
