import { type Claims, isBffError, type RequestView } from '@bff/core'
import { type OptionRule, option, readOptions } from '@bff/core/authoring'
import type { JWTPayload } from 'jose'
import { type Announced, announce } from './announce.ts'
import { createClient } from './client.ts'
import { OIDC_OPTIONS, type OidcOptions, resolveOptions } from './options.ts'

/** The options of {@link accessTokenVerifier}. */
export interface AccessTokenVerifierOptions
  extends Announced,
    Pick<
      OidcOptions,
      | 'issuer'
      | 'signingAlgorithms'
      | 'timeoutMs'
      | 'clockToleranceMs'
      | 'dangerouslyAllowInsecureIssuer'
      | 'discoveryCache'
      | 'fetch'
      | 'clock'
    > {
  /** The `aud` of tokens for direct calls to this API. It must not be the BFF's own client id. */
  readonly audience: string
  /** The scopes that a token must have, all of them. @default none, but a token must have at least one scope */
  readonly scopes?: readonly string[]
}

/** The result for a request's `Authorization` header. */
export type BearerVerdict =
  | { readonly state: 'none' }
  | { readonly state: 'accepted'; readonly claims: Claims; readonly scopes: readonly string[] }
  | {
      readonly state: 'refused'
      /** 401: not a valid token; 403: a valid token that is not allowed here. */
      readonly status: 401 | 403
      /** The value for `WWW-Authenticate` (RFC 6750 §3). */
      readonly challenge: string
    }

const scope: OptionRule<string> = (value, invalid) => {
  if (typeof value === 'string' && /^[!#-[\]-~]+$/.test(value)) return value
  throw invalid('must be the name of a scope')
}

const OPTIONS = {
  issuer: OIDC_OPTIONS.issuer,
  audience: option.text(),
  scopes: option.listOf(scope),
  signingAlgorithms: OIDC_OPTIONS.signingAlgorithms,
  timeoutMs: OIDC_OPTIONS.timeoutMs,
  clockToleranceMs: OIDC_OPTIONS.clockToleranceMs,
  dangerouslyAllowInsecureIssuer: OIDC_OPTIONS.dangerouslyAllowInsecureIssuer,
  discoveryCache: OIDC_OPTIONS.discoveryCache,
  fetch: OIDC_OPTIONS.fetch,
  clock: OIDC_OPTIONS.clock,
  onEvent: option.sink(),
}

const INSECURE_ISSUER = {
  option: 'accessTokenVerifier.dangerouslyAllowInsecureIssuer',
  message:
    'The keys that verify tokens are loaded over plain http: an attacker on the way can forge tokens. Use an https issuer.',
}

const NONE = { state: 'none' } as const

/** Longer tokens are refused without parsing. */
const MAX_TOKEN_LENGTH = 8_192

/**
 * Makes a function that verifies access tokens of programs, so that an API can serve both: pages with the cookie's session,
 * and programs with Bearer tokens. The two never mix: a token for the API must have its audience and a scope, and a
 * session's tokens have another audience.
 *
 * It accepts JWT access tokens only (RFC 9068). It refuses a token that is bound to a key, because it comes without a proof.
 *
 * @throws BffError `invalid_config`; the verifier then throws `provider_unavailable` and `provider_misconfigured` when the
 * issuer's keys are not available
 * @example
 * ```ts
 * import type { RequestView } from '@bff/core'
 * import { accessTokenVerifier } from '@bff/oidc'
 *
 * const verify = accessTokenVerifier({ issuer: 'https://id.example.com', audience: 'https://api.example.com' })
 *
 * export async function subjectOf(request: RequestView): Promise<unknown> {
 *   const verdict = await verify(request)
 *   return verdict.state === 'accepted' ? verdict.claims['sub'] : null
 * }
 * ```
 */
export function accessTokenVerifier(
  options: AccessTokenVerifierOptions,
): (request: RequestView) => Promise<BearerVerdict> {
  const { audience, scopes: wanted, onEvent } = readOptions('accessTokenVerifier', options, OPTIONS)
  const { audience: _, scopes: __, onEvent: ___, ...rest } = options
  const settings = { ...rest, clientId: audience, dangerouslyPublicClient: true } as const
  const client = createClient(resolveOptions('accessTokenVerifier', settings))
  const { clock, signingAlgorithms, clockToleranceMs, issuer } = client.settings
  announce(options.dangerouslyAllowInsecureIssuer ? [INSECURE_ISSUER] : [], clock, onEvent)

  async function claimsOf(token: string): Promise<JWTPayload | null> {
    try {
      const { payload } = await client.keys.verify(token, {
        algorithms: [...signingAlgorithms],
        // An ID token or a logout token is not an access token, regardless of its signer (RFC 9068 §4).
        typ: 'at+jwt',
        issuer,
        requiredClaims: ['exp', 'sub', 'aud'],
        currentDate: new Date(clock.now()),
        clockTolerance: clockToleranceMs / 1000,
      })
      return payload
    } catch (error) {
      if (isBffError(error)) throw error
      return null
    }
  }

  return async (request) => {
    const token = /^Bearer +([\w.~+/-]+=*)$/i.exec(request.header('authorization') ?? '')?.[1]
    if (token === undefined) return request.header('authorization') === undefined ? NONE : INVALID
    if (token.length > MAX_TOKEN_LENGTH) return INVALID
    const claims = await claimsOf(token)
    if (claims === null || claims['cnf'] !== undefined) return INVALID
    if (![claims.aud].flat().includes(audience)) return OTHER_AUDIENCE
    const scopes = typeof claims['scope'] === 'string' ? claims['scope'].split(' ').filter(Boolean) : []
    if (scopes.length === 0 || wanted.some((scope) => !scopes.includes(scope)))
      return refused(403, `error="insufficient_scope", scope="${wanted.join(' ')}"`)
    return { state: 'accepted', claims, scopes }
  }
}

const refused = (status: 401 | 403, parameters: string) =>
  ({ state: 'refused', status, challenge: `Bearer ${parameters}` }) as const
const INVALID = refused(401, 'error="invalid_token"')
const OTHER_AUDIENCE = refused(
  403,
  'error="invalid_token", error_description="The token is for another audience."',
)
