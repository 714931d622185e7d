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
import type { LogoutMarks, SessionEnding } from './session-ending.ts'
import type { Sessions } from './sessions.ts'
import type { Stores } from './stores.ts'
import type { TokenRevocation } from './token-revocation.ts'

/** Keeps the tokens of sessions fresh. */
export interface TokenRefresh {
  /**
   * The record with an access token that may be used: refreshed when it is due. `null` when the session has ended.
   *
   * @throws BffError `token_expired`, and what a refresh may fail with
   */
  ensureFresh(record: SessionRecord): Promise<SessionRecord | null>
  /**
   * Refreshes now; `null` when the session has ended meanwhile.
   *
   * @throws BffError `refresh_rejected` when this refresh has ended it, and what a refresh may fail with
   */
  refresh(record: SessionRecord): Promise<SessionRecord | null>
  /**
   * A session with an access token newer than the one an API has refused; the same session when a new token would be
   * refused as well; `null` when it has ended.
   */
  replaceRefused(session: Session): Promise<Session | null>
}

/** Checks where a request comes from. */
export interface CsrfGuard {
  /**
   * @param path as told in the event `csrf.rejected`
   * @param check what vouches for the request. @default `header`
   * @throws BffError `csrf_violation`
   */
  require(request: RequestView, path: string, check?: CsrfCheck): void
}

/** Lets no work be cut off by a shutdown: a rotated refresh token that is not stored is a session lost. */
export interface Lifecycle {
  readonly isClosing: boolean
  /**
   * Runs `work`, which closing then waits for.
   *
   * @throws BffError `shutting_down`, without running it, once closing has begun
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
  readonly ending: SessionEnding
  readonly marks: LogoutMarks
  readonly revocation: TokenRevocation
  readonly lifecycle: Lifecycle
  readonly hooks: Hooks<Readonly<Record<string, unknown>>>
  readonly clock: Clock
  readonly emit: Emit
  /** The address the browser calls from, as the option of this name tells it; `null` when unknown. */
  clientAddress(request: RequestView): string | null
  /** The reply for an error. What an operator must know becomes an event, with `path`. */
  errorReply(error: unknown, path: string): Reply
}

/** Parts that belong to nobody else. */
export interface StandaloneParts<Metadata = Readonly<Record<string, unknown>>> extends Parts<Metadata> {
  /** Waits for the work under way, sends the token revocations that are left, and closes the stores. Idempotent. */
  close(): Promise<void>
}
