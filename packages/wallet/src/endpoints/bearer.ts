import type { Reply, RequestView } from '@bff/core'
import { parseAddress } from '../address.ts'
import type { WalletParts } from '../parts.ts'
import type { AccessClaims } from '../tokens/claims.ts'
import type { TokenFlaw } from '../tokens/tokens.ts'
import { refusal } from './body.ts'

/** The texts of the 401 responses. Clients compare them: do not change them. */
const WORDS: Readonly<Record<TokenFlaw | 'revoked', string>> = {
  malformed: 'invalid token',
  unknown_key: 'invalid token',
  algorithm: 'unexpected signing method',
  signature: 'invalid signature',
  expired: 'token has expired',
  audience: 'invalid audience',
  claims: 'invalid claims',
  revoked: 'token has been revoked',
}

/**
 * Returns the claims of a request's access token, or the 401 reply.
 *
 * @throws BffError `store_unavailable`
 */
export async function bearerOf({ access }: WalletParts, request: RequestView): Promise<AccessClaims | Reply> {
  const header = request.header('authorization')
  if (header === undefined) return unauthorized('authorization header is required')
  const [, token] = /^Bearer +([\w.~+/-]+=*)$/i.exec(header) ?? []
  if (token === undefined) return unauthorized('invalid authorization header format')
  const claims = await access.check(token)
  if (typeof claims === 'string') return unauthorized(WORDS[claims], ' error="invalid_token"')
  if (parseAddress(claims.sub) === null)
    return unauthorized('invalid token subject', ' error="invalid_token"')
  return claims
}

export const isRefusal = (found: AccessClaims | Reply): found is Reply => 'status' in found

export const unauthorized = (error: string, parameters = ''): Reply =>
  refusal(401, error, [['www-authenticate', `Bearer${parameters}`]])
