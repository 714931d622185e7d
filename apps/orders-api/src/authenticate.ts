import { decodeJwt, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { ApiError } from './api-error.ts'
import { refuse, type Scheme, unauthenticated } from './challenge.ts'
import { type ProofVerifier, verifyProof } from './dpop-proof.ts'

const TOKEN_ALGORITHMS = ['ES256', 'RS256', 'PS256', 'EdDSA', 'Ed25519']
const CREDENTIALS = /^(bearer|dpop) +([\w.~+/-]+=*)$/i

/** Who calls, once the token and, where it is bound, the proof are found good. */
export interface Caller {
  readonly sub: string
  readonly scopes: readonly string[]
  readonly scheme: Scheme
}

export interface Credentials {
  readonly method: string
  readonly path: string
  readonly authorization: string | undefined
  /** Several `DPoP` headers arrive joined by commas. */
  readonly proof: string | undefined
}

/** Whose tokens are taken. */
export interface TrustedIssuer {
  readonly issuer: string
  readonly audience: string
  readonly keys: JWTVerifyGetKey
  /** What its tokens may do that name no scope. */
  readonly impliedScopes: readonly string[]
}

export interface Authenticator extends ProofVerifier {
  readonly issuers: readonly [TrustedIssuer, ...TrustedIssuer[]]
  readonly origins: readonly string[]
  readonly now: () => number
}

/** Throws an `ApiError` with its challenge: 401 for bad credentials, 503 when they cannot be checked now. */
export async function authenticate(credentials: Credentials, api: Authenticator): Promise<Caller> {
  if (credentials.authorization === undefined) throw unauthenticated()
  const [, name, accessToken] = CREDENTIALS.exec(credentials.authorization) ?? []
  if (name === undefined || accessToken === undefined) throw unauthenticated()
  const scheme: Scheme = name.toLowerCase() === 'dpop' ? 'DPoP' : 'Bearer'

  const issuer = issuerOf(accessToken, api)
  const payload = await verifyAccessToken(accessToken, scheme, issuer, api.now())
  const thumbprint = thumbprintOf(payload)
  if (thumbprint === null && scheme === 'DPoP') {
    throw invalidToken(scheme, 'The access token is not bound to a key: send it as Bearer.')
  }
  if (thumbprint !== null) {
    if (scheme === 'Bearer') {
      throw invalidToken(scheme, 'The access token is bound to a key: send it as DPoP, with a proof.')
    }
    await requireProof(credentials, accessToken, thumbprint, api)
  }
  return {
    sub: payload.sub ?? '',
    scopes:
      typeof payload['scope'] === 'string'
        ? payload['scope'].split(' ').filter(Boolean)
        : issuer.impliedScopes,
    scheme,
  }
}

export function requireScope(caller: Caller, scope: string): void {
  if (caller.scopes.includes(scope)) return
  throw refuse({
    scheme: caller.scheme,
    status: 403,
    error: 'insufficient_scope',
    message: `The access token lacks the scope ${scope}.`,
    scope,
  })
}

/** Whose token it says it is; what it says is checked against that issuer's keys. */
function issuerOf(token: string, { issuers }: Authenticator): TrustedIssuer {
  const [first] = issuers
  try {
    const { iss } = decodeJwt(token)
    return issuers.find(({ issuer }) => issuer === iss) ?? first
  } catch {
    return first
  }
}

async function verifyAccessToken(
  token: string,
  scheme: Scheme,
  { issuer, audience, keys }: TrustedIssuer,
  now: number,
): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(token, keys, {
      typ: 'at+jwt',
      algorithms: TOKEN_ALGORITHMS,
      issuer,
      audience,
      requiredClaims: ['sub', 'exp'],
      currentDate: new Date(now),
    })
    return payload
  } catch (error) {
    if (error instanceof ApiError) throw error
    if (error instanceof errors.JWTExpired) throw invalidToken(scheme, 'The access token has expired.')
    if (error instanceof errors.JWTClaimValidationFailed) {
      throw invalidToken(scheme, `The access token is not for this API: its ${error.claim} is wrong.`)
    }
    throw invalidToken(scheme, 'The access token is malformed or not signed by the issuer.')
  }
}

function thumbprintOf(payload: JWTPayload): string | null {
  const confirmation = payload['cnf']
  if (typeof confirmation !== 'object' || confirmation === null || !('jkt' in confirmation)) return null
  return typeof confirmation.jkt === 'string' ? confirmation.jkt : null
}

async function requireProof(
  credentials: Credentials,
  accessToken: string,
  thumbprint: string,
  api: Authenticator,
): Promise<void> {
  const { method, path, proof } = credentials
  if (proof === undefined) throw invalidProof('it is missing')
  if (proof.includes(',')) throw invalidProof('there are several')
  const verdict = await verifyProof(
    proof,
    { method, path, origins: api.origins, accessToken, thumbprint, now: api.now() },
    api,
  )
  if (verdict === 'valid') return
  if (verdict === 'full') {
    throw new ApiError(503, 'overloaded', 'Too many DPoP proofs at once. Try again soon.', {
      'Retry-After': '1',
    })
  }
  if (verdict === 'nonce') {
    const message = 'The DPoP proof must carry the nonce in the DPoP-Nonce header.'
    throw refuse({ scheme: 'DPoP', status: 401, error: 'use_dpop_nonce', message })
  }
  throw invalidProof(verdict.flaw)
}

const invalidToken = (scheme: Scheme, message: string): ApiError =>
  refuse({ scheme, status: 401, error: 'invalid_token', message })

const invalidProof = (flaw: string): ApiError =>
  refuse({
    scheme: 'DPoP',
    status: 401,
    error: 'invalid_dpop_proof',
    message: `The DPoP proof was refused: ${flaw}.`,
  })
