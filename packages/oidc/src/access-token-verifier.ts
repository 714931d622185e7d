import { type Claims, isBffError, type RequestView } from '@bff/core'
import { refuseUnknown } from '@bff/core/authoring'
import type { JWTPayload } from 'jose'
import { type Announced, announce } from './announce.ts'
import { invalid } from './check.ts'
import { createClient } from './client.ts'
import { type OidcOptions, resolveOptions } from './options.ts'

/** What {@link accessTokenVerifier} takes. */
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
  /** The `aud` of tokens for direct calls to this API. Must not be the BFF's own client id. */
  readonly audience: string
  /** Scopes of which a token must have every one. @default none, but it must have one of some kind */
  readonly scopes?: readonly string[]
}

/** What a request's `Authorization` header came to. */
export type BearerVerdict =
  | { readonly state: 'none' }
  | { readonly state: 'accepted'; readonly claims: Claims; readonly scopes: readonly string[] }
  | {
      readonly state: 'refused'
      /** 401: not a token of ours; 403: a token, but not for this. */
      readonly status: 401 | 403
      /** The value for `WWW-Authenticate` (RFC 6750 §3). */
      readonly challenge: string
    }

const KEYS = [
  ...['issuer', 'audience', 'scopes', 'signingAlgorithms', 'timeoutMs', 'clockToleranceMs'],
  ...['dangerouslyAllowInsecureIssuer', 'discoveryCache', 'fetch', 'clock', 'onEvent'],
]

const INSECURE_ISSUER = {
  option: 'accessTokenVerifier.dangerouslyAllowInsecureIssuer',
  message:
    'The keys that tokens are judged by travel over plain http: anyone on the way can forge tokens. Use an https issuer.',
}

const NONE = { state: 'none' } as const

/** Longer ones are refused unread. */
const MAX_TOKEN_LENGTH = 8_192

/**
 * Verifies access tokens that callers without a browser send themselves, so that an API can serve both: the cookie's
 * session for pages, Bearer tokens for programs. The two never mix: what a session holds has another audience, and
 * a token for the API must have it and a scope.
 *
 * JWT access tokens only (RFC 9068). One bound to a key is refused, since it comes without a proof here.
 *
 * @throws BffError `invalid_config`; the verifier then throws `provider_unavailable` and `provider_misconfigured` when the
 * issuer's keys are not to be had
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
  refuseUnknown('accessTokenVerifier', options, KEYS)
  const { audience, scopes: wanted = [], onEvent, ...rest } = options
  if (typeof audience !== 'string' || audience === '') throw invalid('audience must be a text and not empty.')
  if (!Array.isArray(wanted) || !wanted.every((scope) => /^[!#-[\]-~]+$/.test(String(scope))))
    throw invalid('scopes must be a list of scope names.')
  const client = createClient(resolveOptions({ ...rest, clientId: audience, dangerouslyPublicClient: true }))
  const { clock, signingAlgorithms, clockToleranceMs, issuer } = client.settings
  announce(options.dangerouslyAllowInsecureIssuer ? [INSECURE_ISSUER] : [], clock, onEvent)

  async function claimsOf(token: string): Promise<JWTPayload | null> {
    try {
      const { payload } = await client.keys.verify(token, {
        algorithms: [...signingAlgorithms],
        // Neither an id token nor a logout token is an access token, whoever signed it (RFC 9068 §4).
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
