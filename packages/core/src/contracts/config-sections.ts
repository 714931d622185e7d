/** The parts of {@link https://standardschema.dev | Standard Schema v1} that core calls. */
export interface MetadataSchema<Output> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => MetadataResult<Output> | Promise<MetadataResult<Output>>
  }
}

/** What validating metadata comes to: the value, or what is wrong with it. */
export type MetadataResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: ReadonlyArray<{ readonly message: string }> }

export interface CookieOptions {
  /**
   * The name of the session cookie. The cookie is always host-only, `Path=/`, `HttpOnly`, and `Secure` except on
   * `http://localhost`. @default `__Host-Http-bff`; `bff` on an `http://localhost` origin
   */
  readonly name?: string
  /**
   * `strict`, `lax`, or `none`, which is only for frames of other sites: together with `partitioned` and `embedding()`. With
   * `strict`, a link from another site opens the app signed out, until the app makes its first own request.
   * @default `strict`
   */
  readonly sameSite?: 'strict' | 'lax' | 'none'
  /**
   * The browser keeps a cookie of its own for each top-level site (CHIPS), so that frames of different sites have different
   * sessions. Needs `sameSite: 'none'`, an https origin, and the plugin `embedding()` of `@bff/core/embedding`.
   *
   * @default false
   */
  readonly partitioned?: boolean
  /**
   * `false`: the cookie has no `Max-Age`, and a browser deletes it when it closes, unless it restores its windows. The session
   * itself ends by its own limits.
   *
   * @default true: the cookie lasts as long as the session can
   */
  readonly persistent?: boolean
}

export interface SessionOptions<Metadata, PublicKey extends string = keyof Metadata & string> {
  /** A session expires after this many milliseconds without use. @default 28_800_000 (8 hours) */
  readonly idleTimeoutMs?: number
  /**
   * A session expires this many milliseconds after sign-in, even if it is in use. It also expires with its refresh token, as a
   * session in use refreshes before that, and at the time that the provider's ID token names (`session_expiry`). @default 604_800_000 (7 days)
   */
  readonly absoluteTimeoutMs?: number
  /**
   * A session expires this many milliseconds after its user last authenticated at the provider (`auth_time`), even if the sign-in
   * here was later. The BFF asks the provider for an authentication that is no older (`max_age`). A refresh whose ID token
   * names a later `auth_time` moves this end. @default 0 (no limit)
   */
  readonly maxAuthenticationAgeMs?: number
  /**
   * The BFF writes a use to the store once this share of the idle timeout has passed. A session that is rarely used can
   * expire earlier by up to this share. @default 0.1. From 0 to 0.5.
   */
  readonly touchShare?: number
  /**
   * A session with an access token and no refresh token expires with the access token, because it cannot call an API after
   * that. Set `false` for apps that need no API: the session stays active, and calls to an API answer 401 `token_expired`.
   *
   * @default true
   */
  readonly endWithAccessToken?: boolean
  /**
   * After a rotation the BFF accepts the old cookie for this many milliseconds, for requests in flight. A later use is
   * reported as theft. @default 30_000
   */
  readonly rotationGraceMs?: number
  /** The most active sessions a user can have; a new sign-in revokes the oldest. @default 0 (no limit) */
  readonly maxPerUser?: number
  /** A Standard Schema that validates and types `session.metadata` when a session is created. @default any JSON object */
  readonly metadata?: MetadataSchema<Metadata>
  /**
   * The members of `session.metadata` that the user's own pages may read: `GET /bff/session` shows them, and `@bff/client` has
   * them as `session.metadata`, with the types of the schema. @default none: metadata stays on the server
   */
  readonly publicMetadata?: readonly PublicKey[]
}

export interface CsrfOptions {
  /** The header that every request to an endpoint or API must have. @default `x-csrf` */
  readonly headerName?: string
  /** The value of that header. @default `1` */
  readonly headerValue?: string
  /**
   * More serialised origins that may call this BFF, such as `https://www.example.com`. Your own server must then send the
   * CORS headers. @default none
   */
  readonly allowedOrigins?: readonly string[]
}

export interface LoginOptions {
  /**
   * The path after sign-in when the link names no `returnTo`. It has at most 2048 characters when percent-encoded. @default
   * `/`
   */
  readonly returnTo?: string
  /** The path after a failed sign-in, with `?error=<code>` added. @default `/` */
  readonly errorPath?: string
  /** The user must complete a sign-in within this many milliseconds. @default 600_000, which is also the maximum */
  readonly transactionTtlMs?: number
  /**
   * The most sign-in attempts one browser can have at once, with at most 6 kB of cookies; a new attempt replaces the oldest.
   * @default 4
   */
  readonly maxPending?: number
  /**
   * Query parameters of `GET /bff/login` that `onCreateSession` gets, such as `remember`; the provider does not. Of each at most
   * 256 characters. @default none
   */
  readonly keepParameters?: readonly string[]
  /** Parameters that the BFF sends with every authorization request. @default none */
  readonly parameters?: Readonly<Record<string, string>>
}

export interface LogoutOptions {
  /** The path after sign-out when the request names no other. @default `/` */
  readonly returnTo?: string
  /** Also sign out at the provider (RP-initiated logout). @default true */
  readonly endProviderSession?: boolean
  /**
   * When to revoke the refresh token of an ended session at the provider (RFC 7009), in the background.
   *
   * Many providers revoke the whole grant with one of its tokens, and let all sign-ins of a user share one grant (RFC 7009
   * §2.1).
   *
   * - `when-last`: only when the user has no other active session.
   * - `always`: for providers that give each sign-in its own grant.
   * - `never`: when other applications share this client's registration.
   *
   * @default `when-last`
   */
  readonly revokeTokens?: 'when-last' | 'always' | 'never'
}

export interface RefreshOptions {
  /**
   * A refresh is due when less than this is left of the access token's lifetime, in milliseconds, or less than a fifth of
   * that lifetime if that is shorter. A use of the session in the second half of its refresh token's lifetime refreshes,
   * too. @default 300_000
   */
  readonly thresholdMs?: number
  /**
   * Lifetime of an access token when the provider does not name one, in milliseconds. Without a refresh token the BFF uses
   * such a token until an API refuses it. @default 300_000
   */
  readonly defaultTokenLifeMs?: number
  /**
   * How long one process may hold the lease on a session's refresh before another may try, in milliseconds. @default 30_000
   */
  readonly leaseMs?: number
  /**
   * How long a request waits for a refresh by another process, in milliseconds, before it answers 503 `refresh_busy`.
   * @default 10_000
   */
  readonly waitMs?: number
}
