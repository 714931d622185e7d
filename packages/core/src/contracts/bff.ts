import type { CsrfCheck } from './csrf.ts'
import type { Reply } from './reply.ts'
import type { RequestView } from './request-view.ts'
import type { ResolvedOptions } from './resolved-options.ts'
import type { Session } from './session.ts'
import type { Sessions } from './sessions.ts'

/** Options of `getSession` and `requireSession`, the same under every framework. */
export interface GuardOptions {
  /**
   * The kind of CSRF check: see {@link CsrfCheck}. `true` is `header`; `false` checks nothing, for pages that a browser
   * navigates to. By default `requireSession` checks the header, and `getSession` checks nothing.
   */
  readonly csrf?: CsrfCheck | boolean
}

/**
 * What an HTTP adapter serves: one {@link Bff}, or several as one, as `frontends()` of `@bff/core/frontends` makes them.
 */
export interface ServedBff<Metadata = Readonly<Record<string, unknown>>> {
  /**
   * Answers a request to one of the BFF's own paths. Returns `undefined`, synchronously, when the path belongs to the app.
   */
  handle(request: RequestView): Promise<Reply> | undefined
  /**
   * Returns the active session of a request, or `null` without one. It reads the store once for each request, and never
   * changes the response.
   *
   * Without `csrf` it makes no CSRF check: do not change anything on its word alone.
   *
   * @throws BffError `store_unavailable` when the store does not answer; `csrf_violation` when `csrf` is given and the check
   * fails
   */
  getSession(request: RequestView, options?: GuardOptions): Promise<Session<Metadata> | null>
  /**
   * Returns the active session of a request to one of the app's own API routes. It first makes the same CSRF check as the
   * BFF's endpoints, unless `csrf` names another one.
   *
   * @throws BffError `csrf_violation`, `no_session`, `session_expired`, `invalid_session`, `refresh_rejected`,
   * `store_unavailable`
   */
  requireSession(request: RequestView, options?: GuardOptions): Promise<Session<Metadata>>
  /** Returns the BFF that a request is for: of one BFF itself. `null` when it is for none of several. */
  bffFor(request: RequestView): Bff<Metadata> | null
  /** {@link ServedBff.handle} with Web-standard objects. Answers 404 for paths that are not the BFF's. */
  fetch(request: Request): Promise<Response>
  /** Returns the reply that the BFF sends for an error, for the app's own routes. */
  errorReply(error: unknown): Reply
  /**
   * The paths it answers, for frameworks that need a list. A path that ends in `/*` includes the path before `/*` and
   * everything below it.
   */
  readonly paths: readonly string[]
  /**
   * Waits for the requests under way and sends the remaining token revocations, for at most five seconds. Then it closes the
   * stores, the proxy's transport and the plugins. Idempotent.
   *
   * When several BFFs share a store or transport, give each BFF a `withPartition` of the store, or a copy whose `close` does
   * nothing, and close the original yourself.
   */
  close(): Promise<void>
}

/**
 * A running Backend-for-Frontend. `PublicKey` is what `session.publicMetadata` lists: `createBffClient<typeof bff>()` of
 * `@bff/client` takes the types of those members from here.
 */
export interface Bff<Metadata = Readonly<Record<string, unknown>>, PublicKey extends string = string>
  extends ServedBff<Metadata> {
  /**
   * Refreshes the tokens of a session now, such as after its user got a new role at the provider. Returns the session with
   * tokens that are newer than those in the store at the call, also `session` itself where it is a request's; `null` when
   * the session has ended. As every refresh it holds the session's lease: a second call joins the first.
   *
   * @param session a session, or its summary in a list
   * @throws BffError `not_configured` without a provider, `refresh_rejected` when this refresh has ended the session,
   * `token_expired` without a refresh token, `provider_unavailable`, `provider_misconfigured`, `refresh_busy`,
   * `store_unavailable`, `seal_broken`, `shutting_down`
   */
  refresh(session: Pick<Session<Metadata>, 'handle'>): Promise<Session<Metadata> | null>
  /** Creates, changes, rotates, lists and revokes sessions. */
  readonly sessions: Sessions<Metadata>
  /** The options that a framework's adapter needs, with their defaults. */
  readonly options: Pick<ResolvedOptions, 'origin' | 'origins' | 'basePath' | 'cookieName' | 'csrf'> & {
    readonly session: { readonly publicMetadata: readonly PublicKey[] }
  }
}
