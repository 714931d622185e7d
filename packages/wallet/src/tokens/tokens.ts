import type { Clock } from '@bff/core'
import { errors, jwtVerify, SignJWT } from 'jose'
import { type ClaimsOf, hasClaimsOf, KINDS, type TokenKind } from './claims.ts'
import type { SigningKeys } from './signing-keys.ts'

/** Why a token is refused. `unknown_key`: it may be valid, and signed with a key that this instance does not know. */
export type TokenFlaw =
  | 'malformed'
  | 'algorithm'
  | 'unknown_key'
  | 'signature'
  | 'expired'
  | 'audience'
  | 'claims'

/** The claims of a new token that the caller sets; issuer, audience and times are set here. */
export type NewClaims<Kind extends TokenKind> = Omit<ClaimsOf[Kind], 'iss' | 'aud' | 'iat' | 'nbf'>

/** Signs and verifies tokens; it does not know whether they were used or revoked. */
export interface Tokens {
  issue<Kind extends TokenKind>(kind: Kind, claims: NewClaims<Kind>): Promise<string>
  /**
   * Returns the claims of a token of that kind, or why it is refused.
   *
   * @param options.expired whether to accept an expired token. @default false
   */
  verify<Kind extends TokenKind>(
    kind: Kind,
    token: string,
    options?: { readonly expired?: boolean },
  ): Promise<ClaimsOf[Kind] | TokenFlaw>
}

export interface TokensOptions {
  readonly keys: SigningKeys
  readonly issuer: string
  readonly clockToleranceMs: number
  readonly clock: Clock
}

const ALGORITHM = 'ES256'
const MAX_TOKEN_LENGTH = 8_192

class UnknownKey extends Error {}

export function createTokens({ keys, issuer, clockToleranceMs, clock }: TokensOptions): Tokens {
  return {
    async issue(kind, claims) {
      const { typ, audience } = KINDS[kind]
      const { kid, key } = await keys.current()
      const now = secondsOf(clock.now())
      return new SignJWT({ iss: issuer, aud: audience, iat: now, nbf: now, ...claims })
        .setProtectedHeader({ alg: ALGORITHM, typ, kid })
        .sign(key)
    },

    async verify(kind, token, { expired = false } = {}) {
      if (token.length > MAX_TOKEN_LENGTH) return 'malformed'
      const { typ, audience } = KINDS[kind]
      try {
        const { payload } = await jwtVerify(
          token,
          async ({ kid }) => {
            const key = await keys.find(kid)
            if (key === null) throw new UnknownKey()
            return key
          },
          {
            algorithms: [ALGORITHM],
            typ,
            issuer,
            audience,
            currentDate: new Date(clock.now()),
            clockTolerance: expired ? Number.MAX_SAFE_INTEGER : clockToleranceMs / 1000,
          },
        )
        return hasClaimsOf(kind, payload) ? payload : 'claims'
      } catch (error) {
        return flawOf(error)
      }
    },
  }
}

export const secondsOf = (ms: number): number => Math.floor(ms / 1000)

function flawOf(error: unknown): TokenFlaw {
  if (error instanceof UnknownKey) return 'unknown_key'
  if (error instanceof errors.JWTExpired) return 'expired'
  if (error instanceof errors.JOSEAlgNotAllowed) return 'algorithm'
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'signature'
  // A token of another kind has the other's `typ` as well as its `aud`.
  if (error instanceof errors.JWTClaimValidationFailed)
    return /^(aud|typ)$/.test(error.claim) ? 'audience' : 'claims'
  if (error instanceof errors.JOSEError) return 'malformed'
  throw error
}
