import { type AccessTokens, BffError, type Claims } from '@bff/core'
import { errors } from 'jose'
import { customFetch, fetchUserInfo as requestUserInfo } from 'openid-client'
import { causeOf } from './cause.ts'
import type { Client } from './client.ts'
import { requireSafe } from './discovery.ts'
import { explain } from './explain.ts'
import { userClaims } from './id-token.ts'
import { loginInvalid } from './login-errors.ts'
import type { Call, CallOptions } from './transport.ts'

/** The scopes that ask for claims about the user (OpenID Connect Core §5.4). */
const USER_SCOPES: ReadonlySet<string> = new Set(['profile', 'email', 'address', 'phone'])

/** The claims about a user, besides `sub` (OpenID Connect Core §5.1). */
const USER_CLAIMS = [
  ...['name', 'given_name', 'family_name', 'middle_name', 'nickname', 'preferred_username', 'profile'],
  ...['picture', 'website', 'email', 'email_verified', 'gender', 'birthdate', 'zoneinfo', 'locale'],
  ...['phone_number', 'phone_number_verified', 'address', 'updated_at'],
]

/**
 * Returns whether the userinfo endpoint is to be asked, for an ID token with these claims.
 *
 * @throws BffError `provider_misconfigured` when it must be asked, and the provider has none
 */
export async function isUserInfoWanted(
  { settings, metadata }: Client,
  claims: Claims | null,
  scope: string,
  signal: AbortSignal,
): Promise<boolean> {
  if (settings.userinfo === 'never') return false
  if (settings.userinfo === 'when-missing') {
    const isAskedFor = scope.split(' ').some((name) => USER_SCOPES.has(name))
    if (claims === null || !isAskedFor || USER_CLAIMS.some((name) => Object.hasOwn(claims, name)))
      return false
  }
  const { userinfo_endpoint: endpoint } = await metadata(signal)
  if (endpoint !== undefined || settings.userinfo === 'when-missing') return endpoint !== undefined
  throw new BffError(
    'provider_misconfigured',
    "The identity provider's metadata names no userinfo_endpoint. Set userinfo to never.",
  )
}

export interface UserInfoOptions extends Pick<CallOptions, 'timeoutMs' | 'admit'> {
  /** The `sub` of the ID token, which the response must have (OpenID Connect Core §5.3.2). */
  readonly subject: string
  /** The issuer of the ID token; `null` when it is unknown. */
  readonly issuer: string | null
  readonly signal: AbortSignal
}

/**
 * Returns the claims of the userinfo endpoint, except those about a token and those that name the user. A signed response
 * must be signed with a key of the provider.
 *
 * @throws BffError `login_failed` when they are another user's or fail a check, `provider_misconfigured` when the endpoint
 * refuses the access token, `provider_unavailable`
 */
export function fetchUserInfo(
  client: Client,
  { accessToken, dpopKeyPair }: AccessTokens,
  { subject, issuer, ...options }: UserInfoOptions,
): Promise<Claims> {
  return client.transport.call(
    { ...options, keyPair: dpopKeyPair, explain: explainUserInfo },
    async (call) => {
      const configuration = await client.configuration(call, issuer)
      requireSafe(configuration.serverMetadata(), 'userinfo_endpoint', client.settings.metadataAt)
      let signed: string | null = null
      configuration[customFetch] = async (...request) => {
        const response = await call.fetch(...request)
        const isJwt = /^application\/jwt\b/i.test(response.headers.get('content-type') ?? '')
        signed = isJwt ? await response.clone().text() : null
        return response
      }
      const answer = await requestUserInfo(configuration, accessToken, subject)
      if (signed !== null) await verify(client, signed)
      const { iss: _issuer, sub: _subject, ...claims } = userClaims(answer)
      return claims
    },
  )
}

/** Verifies the signature; openid-client has checked issuer, audience and times where the response names them. */
async function verify({ keys, settings }: Client, jwt: string): Promise<void> {
  const { signingAlgorithms, clockToleranceMs, clock } = settings
  await keys.verify(jwt, {
    fromProvider: true,
    algorithms: [...signingAlgorithms],
    currentDate: new Date(clock.now()),
    clockTolerance: clockToleranceMs / 1000,
  })
}

const REFUSED: ReadonlySet<number | undefined> = new Set([401, 403])

function explainUserInfo(error: unknown, call: Call): BffError {
  if (error instanceof errors.JOSEError) return loginInvalid(causeOf(error))
  const status = call.answer()?.status
  if (call.fault() === null && REFUSED.has(status)) return refused(status, causeOf(error))
  return explain(error, call, {
    onRefusal: (_code, cause) => refused(status, cause),
    onInvalidAnswer: loginInvalid,
  })
}

const refused = (status: number | undefined, cause: Error) =>
  new BffError(
    'provider_misconfigured',
    `The identity provider's userinfo endpoint refused the access token (HTTP ${status}), which may be for another API. Let the provider put the claims into the ID token, and set userinfo to never.`,
    { cause },
  )
