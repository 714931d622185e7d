import type { CsrfCheck } from './csrf.ts'
import type { Reply } from './reply.ts'
import type { RequestView } from './request-view.ts'
import type { ResolvedOptions } from './resolved-options.ts'
import type { Session } from './session.ts'
import type { Sessions } from './sessions.ts'

/** A running Backend-for-Frontend. */
export interface Bff<Metadata = Readonly<Record<string, unknown>>> {
  /** Answers a request to one of the BFF's own paths; `undefined`, synchronously, when the path is the app's. */
  handle(request: RequestView): Promise<Reply> | undefined
  /**
   * The live session of a request, or `null`. Asked twice for one request it reads the store once; it never
   * touches the response.
   *
   * @throws BffError `store_unavailable`: an outage is not a sign-out
   */
  authenticate(request: RequestView): Promise<Session<Metadata> | null>
  /**
   * The live session of a request to one of the app's own API routes, after the same CSRF check the BFF's own
   * endpoints make.
   *
   * @param options.csrf what vouches for the request: see {@link CsrfCheck}; `true` is `header`, `false` for pages a browser
   * navigates to. @default true
   * @throws BffError `csrf_violation`, `no_session`, `session_expired`, `invalid_session`, `refresh_rejected`,
   * `store_unavailable`
   */
  requireSession(
    request: RequestView,
    options?: { readonly csrf?: CsrfCheck | boolean },
  ): Promise<Session<Metadata>>
  /** {@link Bff.handle} over Web-standard objects; answers 404 on paths that are not the BFF's. */
  fetch(request: Request): Promise<Response>
  /** The reply the BFF itself would send for an error, for the app's own routes. */
  errorReply(error: unknown): Reply
  /** Sessions as things to make, rotate, list and end. */
  readonly sessions: Sessions<Metadata>
  /** What it was configured with, defaults filled in, as far as a framework's adapter must know. */
  readonly options: Pick<ResolvedOptions, 'origin' | 'basePath' | 'cookieName' | 'csrf'>
  /**
   * The paths it answers, for frameworks that want each named. One that ends in `/*` stands for all below it, and for
   * itself without that ending.
   */
  readonly paths: readonly string[]
  /**
   * Waits for the requests under way, sends the token revocations that are left, for five seconds at most, and closes the
   * stores, the proxy's transport and what the plugins hold, a rate limiter, say. Idempotent.
   *
   * Who shares one of these among several BFFs gives each a `withPartition` of the store or a copy whose `close` does
   * nothing, and closes the original.
   */
  close(): Promise<void>
}
