import type { NewSession } from './new-session.ts'
import type { Revocation, Session, SessionHandle } from './session.ts'
import type { AnyOwnerFilter, Page, RevokeOutcome, SessionFilter } from './session-store.ts'

/** A session together with the `Set-Cookie` value that gives its id to the browser. */
export interface IssuedSession<Metadata> {
  readonly session: Session<Metadata>
  readonly cookie: string
}

/** A session in a list: the data that is safe to show, and its revocation. */
export type SessionSummary<Metadata = Readonly<Record<string, unknown>>> = Omit<
  Session<Metadata>,
  'tokens' | 'tokensFor' | 'identity'
> & { readonly revocation: Revocation | null }

/** Sessions of a page. */
export interface SessionSummaries<Metadata = Readonly<Record<string, unknown>>> {
  readonly sessions: SessionSummary<Metadata>[]
  /** The `cursor` of the next page; `null` for the last page. */
  readonly next: string | null
}

/** Who revokes a session, and why. */
export interface RevokedBy {
  /** @default `operator_revoked` */
  readonly reasonCode?: string
  /** @default `operator` */
  readonly actorType?: string
  /** @default null */
  readonly actorId?: string | null
}

/** What `sessions.update` changes: a member that is left out stays, and `null` clears one. */
export interface SessionChange<Metadata> {
  /** The metadata in place of the present one, validated by the schema in `session.metadata`. */
  readonly metadata?: Metadata
  /** At most 255 characters. */
  readonly organizationId?: string | null
  /** At most 255 characters. */
  readonly deviceId?: string | null
}

/**
 * Returns the change of a session that is stored now. Its type is that of a method: a BFF with metadata of its own is also one
 * with any metadata.
 */
export type ChangeOf<Metadata> = {
  of(session: Session<Metadata>): SessionChange<Metadata> | Promise<SessionChange<Metadata>>
}['of']

/** Creates, changes, rotates, lists and revokes sessions, for sign-in code and for operators. */
export interface Sessions<Metadata = Readonly<Record<string, unknown>>> {
  /**
   * Stores a new session. The app sends `cookie` as a `set-cookie` header.
   *
   * @throws BffError `invalid_argument`, `store_full`, `store_unavailable`
   */
  create(session: NewSession<Metadata>): Promise<IssuedSession<Metadata>>
  /**
   * Gives the session a new secret, after a step-up or a change of privilege. The old cookie is accepted during the
   * configured grace. Returns `null` when the session has ended.
   */
  rotate(session: Session<Metadata>): Promise<IssuedSession<Metadata> | null>
  /**
   * Changes what the app keeps in a session, and nothing else: no token, no expiry, no cookie. Returns the session as it is
   * stored now, also `session` itself where it is a request's; `null` when the session has ended.
   *
   * Give a function to change what is there, such as one member of the metadata: it gets the session as it is now, and is
   * called again after another write was faster. A revocation always wins over an update, and a refresh at the same time
   * keeps its tokens.
   *
   * @param session a session, or its summary in a list
   * @throws BffError `invalid_argument` for a change that is not valid, `session_conflict` when other writes were faster
   * five times, `store_unavailable`, and every error that the function throws
   */
  update(
    session: Pick<SessionSummary, 'handle'>,
    change: SessionChange<Metadata> | ChangeOf<Metadata>,
  ): Promise<Session<Metadata> | null>
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
  revokeOthers(session: Session<Metadata>, by?: RevokedBy): Promise<SessionSummary<Metadata>[]>
  /**
   * Revokes every active session that a filter matches. Returns the revoked sessions, newest first, or an empty list. A
   * sign-in under way that would make another one is refused at its callback.
   *
   * A store that fails half way has revoked some of them; they stay revoked, and other processes learn of them. Call it again
   * until it succeeds: it revokes the rest, and sessions that were created meanwhile.
   *
   * @throws BffError `invalid_argument` for a filter without an owner; `store_unavailable` when a session may be active, or a
   * sign-in under way could not be marked: the event `revocation.incomplete` says how many are revoked
   */
  revokeAll(filter: SessionFilter, by?: RevokedBy): Promise<SessionSummary<Metadata>[]>
  /**
   * Revokes the active sessions of one page of {@link list}, for operators: also of any owner, such as all sessions of an
   * issuer. Returns them, and the `cursor` of the next page; `null` when no page is left. A page may be empty before the last.
   *
   * A sign-in under way that began before the first page is refused at its callback. Who signs in later stays signed in, unless
   * a later page finds the session.
   *
   * @throws BffError `invalid_argument` for a filter without an owner, a malformed cursor or limit; `store_unavailable`: ask for
   * the same page again
   * @example
   * ```ts
   * import type { Bff, Page } from '@bff/core'
   *
   * export async function revokeAllOf(bff: Bff, issuer: string): Promise<void> {
   *   let cursor: string | null = null
   *   do {
   *     const page: Page = cursor === null ? {} : { cursor }
   *     cursor = (await bff.sessions.revokePage({ owner: 'any', issuer }, { reasonCode: 'incident' }, page)).next
   *   } while (cursor !== null)
   * }
   * ```
   */
  revokePage(
    filter: SessionFilter | AnyOwnerFilter,
    by?: RevokedBy,
    page?: Page,
  ): Promise<SessionSummaries<Metadata>>
  /**
   * Returns how many of the sessions that a filter matches are active. `owner: 'any'` reads every session of the store, unless
   * the store can count them itself.
   *
   * @throws BffError `invalid_argument` for a filter without an owner, `store_unavailable`
   */
  countActive(filter: SessionFilter | AnyOwnerFilter): Promise<number>
  /**
   * Lists sessions, newest first, including expired and revoked ones. With `owner: 'any'`, their order is that of the store, and a
   * page may be short, or empty, before the last.
   *
   * @throws BffError `invalid_argument` for a filter without an owner, a malformed cursor or limit; `store_unavailable`
   */
  list(filter: SessionFilter | AnyOwnerFilter, page?: Page): Promise<SessionSummaries<Metadata>>
}
