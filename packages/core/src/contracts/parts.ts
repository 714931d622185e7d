import type { Clock } from './clock.ts'
import type { CsrfCheck } from './csrf.ts'
import type { Encryptor } from './encryptor.ts'
import type { Emit } from './events.ts'
import type { Hooks } from './hooks.ts'
import type { IdentityProvider } from './identity-provider.ts'
import type { Reply } from './reply.ts'
import type { RequestSessions } from './request-sessions.ts'
import type { RequestView } from './request-view.ts'
import type { ResolvedOptions } from './resolved-options.ts'
import type { Session, SessionRecord } from './session.ts'
import type { LogoutMarks, SessionRevocation } from './session-revocation.ts'
import type { Sessions } from './sessions.ts'
import type { Stores } from './stores.ts'
import type { TokenRevocation } from './token-revocation.ts'

/** Keeps the tokens of sessions fresh. */
export interface TokenRefresh {
  /**
   * Returns the record with a usable access token, refreshed when a refresh is due. Returns `null` when the session has
   * ended.
   *
   * @throws BffError `token_expired`, and the errors of a refresh
   */
  ensureFresh(record: SessionRecord): Promise<SessionRecord | null>
  /**
   * Refreshes now. Returns `null` when the session has ended in the meantime.
   *
   * @throws BffError `refresh_rejected` when this refresh has ended the session, and the other errors of a refresh
   */
  refresh(record: SessionRecord): Promise<SessionRecord | null>
  /**
   * Refreshes a session now, from the tokens that the store holds. Returns the session as it is stored then, also `session`
   * itself where it is a request's; `null` when it has ended.
   *
   * @throws BffError `not_configured` without a provider, and those of {@link refresh}
   */
  refreshSession(session: Pick<Session, 'handle'>): Promise<Session | null>
  /**
   * Returns the session with an access token newer than the one that an API has refused. Returns the same session when the
   * API would refuse a new token too, and `null` when the session has ended.
   */
  replaceRefused(session: Session): Promise<Session | null>
}

/** Checks the origin of a request. */
export interface CsrfGuard {
  /**
   * @param path the path for the event `csrf.rejected`
   * @param check the kind of check; `true` is `header`, `false` checks nothing. @default `header`
   * @throws BffError `csrf_violation`
   */
  require(request: RequestView, path: string, check?: CsrfCheck | boolean): void
}

/** Lets a shutdown wait for work under way: a session is lost when a rotated refresh token is not stored. */
export interface Lifecycle {
  readonly isClosing: boolean
  /**
   * Runs `work`. `close` waits for it.
   *
   * @throws BffError `shutting_down`, without running `work`, after `close` was called
   */
  run<T>(work: () => Promise<T>): Promise<T>
}

/** The parts of a BFF, one instance each. */
export interface Parts<Metadata = Readonly<Record<string, unknown>>> {
  readonly options: ResolvedOptions
  readonly stores: Stores
  readonly encryptor: Encryptor
  readonly provider: IdentityProvider | null
  readonly sessions: Sessions<Metadata>
  readonly requests: RequestSessions
  readonly tokens: TokenRefresh
  readonly csrf: CsrfGuard
  readonly sessionRevocation: SessionRevocation
  readonly marks: LogoutMarks
  readonly tokenRevocation: TokenRevocation
  readonly lifecycle: Lifecycle
  readonly hooks: Hooks<Readonly<Record<string, unknown>>>
  readonly clock: Clock
  readonly emit: Emit
  /**
   * Returns the public origin of a request: the only one, or the one of several that its host names.
   *
   * @throws BffError `unknown_origin` when its host does not belong to the app; `store_unavailable` when it could not be loaded
   */
  originOf(request: RequestView): string
  /** Finds out the origin of a request, so that {@link originOf} knows it; never rejects. `null`: there is one origin. */
  readonly findOrigin: ((request: RequestView) => Promise<void>) | null
  /** Returns the client's address from the option `clientAddress`; `null` when it is unknown. */
  clientAddress(request: RequestView): string | null
  /** Returns the reply for an error. Emits an event with `path` when the operator must know of the error. */
  errorReply(error: unknown, path: string): Reply
}

/** Parts that the app owns and closes. */
export interface StandaloneParts<Metadata = Readonly<Record<string, unknown>>> extends Parts<Metadata> {
  /** Waits for the work under way, sends the remaining token revocations, and closes the stores. Idempotent. */
  close(): Promise<void>
}
