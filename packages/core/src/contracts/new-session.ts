import type { TokenSet } from './identity-provider.ts'
import type { Claims } from './session.ts'

/** The data of a new session. */
export interface NewSession<Metadata = Readonly<Record<string, unknown>>> {
  /**
   * The user's id in the app, which identifies the user together with `issuer` (OpenID Connect Core §5.7, BFF-23). 1 to 255
   * characters.
   */
  readonly userId: string
  /** The provider that the tokens come from. Refresh, revocation and sign-out go there. @default null */
  readonly issuer?: string | null
  /** The user's id at the provider, when it is not `userId`: at most 255 characters. @default null: the same as `userId` */
  readonly subject?: string | null
  /** The name of the provider, where an app has several of them. @default null */
  readonly provider?: string | null
  /** The tokens to store in the session; absent when the app needs none. */
  readonly tokens?: Pick<TokenSet, 'accessToken'> & Partial<TokenSet>
  /**
   * The claims that the app keeps about the user. A refresh replaces those that equal the claims of the ID token in
   * `tokens`; all others stay until sign-out.
   */
  readonly claims?: Claims
  readonly sessionState?: string | null
  /**
   * This session expires so many milliseconds after its sign-in, in place of `session.absoluteTimeoutMs`; so does its cookie. From
   * 1000 to a year. @default the option
   */
  readonly absoluteTimeoutMs?: number
  /** The provider's `sid`. */
  readonly providerSessionId?: string | null
  readonly organizationId?: string | null
  readonly deviceId?: string | null
  readonly clientPublicKey?: string | null
  /**
   * A JSON object for the app's own data. It is not sealed. The schema in `session.metadata` validates it, and may add what is
   * left out.
   */
  readonly metadata?: Readonly<Partial<Metadata>>
  /** Cut to 45 characters. */
  readonly ipAddress?: string | null
  /** Cut to 500 characters. */
  readonly userAgent?: string | null
}
