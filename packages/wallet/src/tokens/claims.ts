import type { JWTPayload } from 'jose'

/**
 * The three kinds of token, each with its own `typ` and `aud`, so that one cannot be used as another (RFC 8725 §3.12,
 * JWT-01).
 */
export const KINDS = {
  challenge: { typ: 'challenge+jwt', audience: 'session:challenge' },
  access: { typ: 'at+jwt', audience: 'session:access' },
  refresh: { typ: 'refresh+jwt', audience: 'session:refresh' },
} as const

export type TokenKind = keyof typeof KINDS

interface CommonClaims {
  readonly iss: string
  readonly aud: string
  /** The address in EIP-55 form. */
  readonly sub: string
  readonly jti: string
  /** Epoch seconds, as all times here. */
  readonly iat: number
  readonly nbf: number
  readonly exp: number
}

/** The claims of a challenge. `sub` is empty unless the request named the address. */
export interface ChallengeClaims extends CommonClaims {
  readonly nonce: string
  readonly domain: string
  readonly uri: string
  readonly chain_id: number
  readonly statement?: string
  /** The hash of the browser's cookie, in cookie mode. */
  readonly binding?: string
}

/** The claims of an access token; `sid` names the family. */
export interface AccessClaims extends CommonClaims {
  /** `jti` of the refresh token with which this one is revoked. */
  readonly rid: string
  readonly sid: string
}

/** The claims of a refresh token, and those that link the tokens of one family. */
export interface RefreshClaims extends CommonClaims {
  readonly sid: string
  /** When the family expires, regardless of refreshes (JWT-07). */
  readonly family_exp: number
  /** Who holds the token: the BFF, in a session, or the client. Each accepts only its own. */
  readonly holder: 'bff' | 'client'
  /** Whether a contract must confirm the sign-in again at every refresh (WAL-11). */
  readonly wallet: 'key' | 'contract'
}

export interface ClaimsOf {
  readonly challenge: ChallengeClaims
  readonly access: AccessClaims
  readonly refresh: RefreshClaims
}

const COMMON = { iss: 'string', aud: 'string', sub: 'string', jti: 'string' } as const
const TIMES = { iat: 'number', nbf: 'number', exp: 'number' } as const
const MEMBERS = {
  challenge: { nonce: 'string', domain: 'string', uri: 'string', chain_id: 'number' },
  access: { rid: 'string', sid: 'string' },
  refresh: { sid: 'string', family_exp: 'number', holder: 'string', wallet: 'string' },
} as const

/**
 * Returns whether a verified payload has every claim of its kind, with the right type: an `aud` with several values is
 * refused.
 */
export function hasClaimsOf<Kind extends TokenKind>(
  kind: Kind,
  payload: JWTPayload,
): payload is JWTPayload & ClaimsOf[Kind] {
  const members = Object.entries({ ...COMMON, ...TIMES, ...MEMBERS[kind] })
  return members.every(([name, type]) => typeof payload[name] === type)
}
