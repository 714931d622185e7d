import type { NewSession } from './new-session.ts'
import type { Revocation, Session, SessionHandle } from './session.ts'
import type { Page, RevokeOutcome, SessionFilter } from './session-store.ts'

/** A session together with the `Set-Cookie` value that gives its id to the browser. */
export interface IssuedSession<Metadata> {
  readonly session: Session<Metadata>
  readonly cookie: string
}

/** A session in a list: the data that is safe to show, and its revocation. */
export type SessionSummary = Omit<Session, 'tokens' | 'identity'> & { readonly revocation: Revocation | null }

/** Who revokes a session, and why. */
export interface RevokedBy {
  /** @default `operator_revoked` */
  readonly reasonCode?: string
  /** @default `operator` */
  readonly actorType?: string
  /** @default null */
  readonly actorId?: string | null
}

/** Creates, rotates, lists and revokes sessions, for sign-in code and for operators. */
export interface Sessions<Metadata = Readonly<Record<string, unknown>>> {
  /**
   * Stores a new session. The app sends `cookie` as a `set-cookie` header.
   *
   * @throws BffError `invalid_argument`, `store_full`, `store_unavailable`
   */
  create(session: NewSession): Promise<IssuedSession<Metadata>>
  /**
   * Gives the session a new secret, after a step-up or a change of privilege. The old cookie is accepted during the
   * configured grace. Returns `null` when the session has ended.
   */
  rotate(session: Session<Metadata>): Promise<IssuedSession<Metadata> | null>
  /**
   * Revokes one session; the first revocation is final. Returns `null` when there is no such session. The BFF revokes its
   * refresh token at the provider in the background, as `logout.revokeTokens` says.
   *
   * @throws BffError `store_unavailable`
   */
  revoke(handle: SessionHandle, by?: RevokedBy): Promise<RevokeOutcome['outcome'] | null>
  /**
   * Revokes every other active session of the same user at the same issuer: "sign out everywhere else". As
   * {@link revokeAll}.
   */
  revokeOthers(session: Session<Metadata>, by?: RevokedBy): Promise<SessionSummary[]>
  /**
   * Revokes every active session that a filter matches. Returns the revoked sessions, newest first, or an empty list. A
   * sign-in under way that would make another one is refused at its callback.
   *
   * @throws BffError `invalid_argument` for a filter without an owner; `store_unavailable`, also when the sessions have
   * ended but sign-ins under way could not be marked
   */
  revokeAll(filter: SessionFilter, by?: RevokedBy): Promise<SessionSummary[]>
  /**
   * Returns how many of the sessions that a filter matches are active.
   *
   * @throws BffError `invalid_argument` for a filter without an owner, `store_unavailable`
   */
  countActive(filter: SessionFilter): Promise<number>
  /** Lists sessions, newest first, including expired and revoked ones. */
  list(filter: SessionFilter, page?: Page): Promise<{ sessions: SessionSummary[]; next: string | null }>
}
