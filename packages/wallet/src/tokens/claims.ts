import type { JWTPayload } from 'jose'

/** The three kinds of token, each with a `typ` and an `aud` of its own, so that none passes for another (JWT-01). */
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

/** What a wallet is asked to sign. `sub` is empty unless the address was named. */
export interface ChallengeClaims extends CommonClaims {
  readonly nonce: string
  readonly domain: string
  readonly uri: string
  readonly chain_id: number
  readonly statement?: string
  /** Hash of the browser's own cookie, in cookie mode. */
  readonly binding?: string
}

/** The claims of an access token; `sid` names the family. */
export interface AccessClaims extends CommonClaims {
  /** `jti` of the refresh token this one lives and dies with. */
  readonly rid: string
  readonly sid: string
}

/** The claims of a refresh token, and those that link the tokens of one family. */
export interface RefreshClaims extends CommonClaims {
  readonly sid: string
  /** When the family ends, whatever happens (JWT-07). */
  readonly family_exp: number
  /** Who holds it: the BFF behind a cookie, or the client itself. Neither may use the other's. */
  readonly holder: 'bff' | 'client'
  /** A contract must still vouch for the sign-in when tokens are refreshed (WAL-11). */
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

/** Whether a verified payload has every claim of its kind, each of its type: an `aud` of several is none of ours. */
export function hasClaimsOf<Kind extends TokenKind>(
  kind: Kind,
  payload: JWTPayload,
): payload is JWTPayload & ClaimsOf[Kind] {
  const members = Object.entries({ ...COMMON, ...TIMES, ...MEMBERS[kind] })
  return members.every(([name, type]) => typeof payload[name] === type)
}
