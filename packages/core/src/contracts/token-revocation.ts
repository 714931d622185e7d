import type { MadeBy, TokenSet } from './identity-provider.ts'

export const REVOCATION_POLICIES = ['when-last', 'always', 'never'] as const

/** When to revoke a session's refresh token at the provider. */
export type RevocationPolicy = (typeof REVOCATION_POLICIES)[number]

/** Whose tokens they were, and who issued them. */
export interface TokenOwner extends MadeBy {
  /** `null` when it is unknown. */
  readonly userId: string | null
  /** The user at the provider. `null`: the same as `userId`. */
  readonly subject: string | null
}

/**
 * Revokes refresh tokens at the provider (RFC 7009): in the background, and none whose grant an active session may share.
 *
 * A provider may revoke the whole grant with one of its tokens (RFC 7009 §2.1), and all sign-ins of a user may share one
 * grant. So core waits for the end of the user's last session: its token revokes the grant. A sign-in that the provider has
 * completed may have no session yet, so core sends such a token a few seconds later.
 */
export interface TokenRevocation {
  /** `false`: core revokes no tokens, so callers need not look for any. */
  readonly isOn: boolean
  /** Whether it revokes even if the user has other active sessions. */
  readonly isUnconditional: boolean
  revoke(owner: TokenOwner, tokens: Pick<TokenSet, 'refreshToken' | 'dpopKeyPair'>): void
  /** Sends the remaining revocations, for at most five seconds. */
  close(): Promise<void>
}
