import type { NewSession } from './new-session.ts'
import type { Revocation, Session, SessionHandle } from './session.ts'
import type { Page, RevokeOutcome, SessionFilter } from './session-store.ts'

/** A session together with the `Set-Cookie` value that hands its id to the browser. */
export interface IssuedSession<Metadata> {
  readonly session: Session<Metadata>
  readonly cookie: string
}

/** A session in a list: what is safe to show, and whether it was revoked. */
export type SessionSummary = Omit<Session, 'tokens' | 'identity'> & { readonly revocation: Revocation | null }

/** Who ends a session and why. */
export interface RevokedBy {
  /** @default `operator_revoked` */
  readonly reasonCode?: string
  /** @default `operator` */
  readonly actorType?: string
  /** @default null */
  readonly actorId?: string | null
}

/** Sessions as things to make, rotate, list and end; for sign-in code and for operators. */
export interface Sessions<Metadata = Readonly<Record<string, unknown>>> {
  /**
   * Stores a new session. The app sends `cookie` as a `set-cookie` header.
   *
   * @throws BffError `invalid_argument`, `store_full`, `store_unavailable`
   */
  create(session: NewSession): Promise<IssuedSession<Metadata>>
  /**
   * Gives the session a new secret, after a step-up or a change of privilege; the old cookie is honoured for the
   * configured grace. `null` when the session has ended.
   */
  rotate(session: Session<Metadata>): Promise<IssuedSession<Metadata> | null>
  /**
   * Ends one session; the first revocation stands. `null` when there is no such session. Its refresh token is revoked at
   * the provider in the background, as `logout.revokeTokens` says.
   *
   * @throws BffError `store_unavailable`
   */
  revoke(handle: SessionHandle, by?: RevokedBy): Promise<RevokeOutcome['outcome'] | null>
  /** Ends every other active session of the same user at the same issuer: "sign out everywhere else". As {@link revokeAll}. */
  revokeOthers(session: Session<Metadata>, by?: RevokedBy): Promise<SessionSummary[]>
  /**
   * Ends every active session a filter matches. What was ended, newest first; empty when there was nothing. A sign-in
   * under way that would make one more is refused when it arrives.
   *
   * @throws BffError `invalid_argument` for a filter without an owner; `store_unavailable`, also when the sessions have ended
   * and sign-ins under way could not be reached
   */
  revokeAll(filter: SessionFilter, by?: RevokedBy): Promise<SessionSummary[]>
  /**
   * How many of the sessions a filter matches are neither revoked nor expired.
   *
   * @throws BffError `invalid_argument` for a filter without an owner, `store_unavailable`
   */
  countActive(filter: SessionFilter): Promise<number>
  /** Newest first, expired and revoked ones included. */
  list(filter: SessionFilter, page?: Page): Promise<{ sessions: SessionSummary[]; next: string | null }>
}
