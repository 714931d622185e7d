import type { TokenSet } from './identity-provider.ts'

export const REVOCATION_POLICIES = ['when-last', 'always', 'never'] as const

/** When a session's refresh token is revoked at the provider. */
export type RevocationPolicy = (typeof REVOCATION_POLICIES)[number]

/** Whose tokens they were. */
export interface TokenOwner {
  /** `null` when nobody can tell. */
  readonly userId: string | null
  readonly issuer: string | null
}

/**
 * The one way by which refresh tokens of ours are revoked (RFC 7009): in the background, and none whose grant a living
 * session may share.
 *
 * A provider may end the whole grant with one of its tokens (RFC 7009 §2.1), and one grant may serve all sign-ins of a
 * user. So the user's last session is what is waited for: its token takes the grant with it. A sign-in that the provider
 * has let in already has no session yet, so that such a token is sent a few seconds later.
 */
export interface TokenRevocation {
  /** `false`: nothing is ever revoked, so that nobody needs to look for tokens. */
  readonly isOn: boolean
  /** Also when other sessions of the user live. */
  readonly isUnconditional: boolean
  revoke(owner: TokenOwner, tokens: Pick<TokenSet, 'refreshToken' | 'dpopKeyPair'>): void
  /** Sends what is left, for five seconds at most. */
  close(): Promise<void>
}
