import type { TokenSet } from './identity-provider.ts'
import type { Claims } from './session.ts'

/** What a new session is made of. */
export interface NewSession {
  /** The user's id: with `issuer`, the key of everything about them (BFF-23). 1 to 255 characters. */
  readonly userId: string
  readonly issuer?: string | null
  /** Tokens to keep behind the cookie; absent when the app needs none. */
  readonly tokens?: Pick<TokenSet, 'accessToken'> & Partial<TokenSet>
  /**
   * What the app keeps about the user. A refresh replaces what equals the claims of `tokens`, those of the ID token;
   * whatever else is here stays until sign-out.
   */
  readonly claims?: Claims
  readonly sessionState?: string | null
  /** The provider's `sid`. */
  readonly providerSessionId?: string | null
  readonly organizationId?: string | null
  readonly deviceId?: string | null
  readonly clientPublicKey?: string | null
  /** JSON object of the app's own; not sealed. */
  readonly metadata?: Readonly<Record<string, unknown>>
  /** Cut to 45 characters. */
  readonly ipAddress?: string | null
  /** Cut to 500 characters. */
  readonly userAgent?: string | null
}
