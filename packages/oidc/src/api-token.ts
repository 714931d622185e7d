import { type ApiTokenRequest, BffError, type TokenSet } from '@bff/core'
import type { Configuration } from 'openid-client'
import type { Client } from './client.ts'
import { explain, unavailable } from './explain.ts'
import { meansSignInAgain, type RefreshedIdentity, refreshTokens } from './refresh.ts'
import type { TokenAnswer } from './token-answer.ts'
import type { Call } from './transport.ts'

/** Requests a token for another API with the session's refresh token (RFC 6749 §6, RFC 8707 §2.2). */
export function apiToken(
  endpoint: Pick<Client, 'transport' | 'breaker'>,
  configuration: (call: Call) => Promise<Configuration>,
  { target, ...request }: ApiTokenRequest,
  identityOf: (answer: TokenAnswer, call: Call) => Promise<RefreshedIdentity>,
): Promise<TokenSet> {
  const { resource, audience, scope } = target
  const parameters = Object.fromEntries(
    Object.entries({ resource, audience, scope }).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  )
  return refreshTokens(endpoint, configuration, { ...request, parameters }, identityOf, (error, call) =>
    explain(error, call, { onRefusal: apiTokenRefused, onInvalidAnswer: (cause) => unavailable(cause) }),
  )
}

/** The answer to a refused request for a user's token for an API. A new sign-in does not help a user without access to it. */
export function apiTokenRefused(code: string, cause: Error): BffError {
  return code !== 'access_denied' && meansSignInAgain(code)
    ? new BffError('token_expired', undefined, { cause })
    : apiRefused(code, cause)
}

/** The provider refuses this application a token for the API: only its operator can fix that. */
export function apiRefused(code: string, cause: Error): BffError {
  return new BffError(
    'provider_misconfigured',
    `The identity provider refused a token for the API (${code}). Its operator must check scope, resource and grants.`,
    { cause },
  )
}
