import type { Revocation, SessionHandle, SessionRecord, SessionTokens } from './session.ts'
import type { RevokeOutcome, SessionFilter } from './session-store.ts'

/** Who ended a session and why. */
export type EndedBy = Omit<Revocation, 'at'>

/** What of a session a filter may name, and so a mark. */
export type MarkedSession = Pick<
  SessionRecord,
  'userId' | 'organizationId' | 'issuer' | 'providerSessionId' | 'deviceId'
>

/** Ends sessions: here, at once. What the provider must know of it, it is told in the background (LGO-17). */
export interface SessionEnding {
  /**
   * With the session's last tokens, where they are known. `null` when there is no such session.
   *
   * @param options.revokeTokens `false` when its refresh token is of no use any more. @default true
   */
  end(
    handle: SessionHandle,
    by: EndedBy,
    options?: { readonly revokeTokens?: boolean },
  ): Promise<{ outcome: RevokeOutcome['outcome']; tokens: SessionTokens | null } | null>
  /**
   * Every active session the filter matches; what was ended, newest first. A sign-in under way that would make one more is
   * refused when it arrives.
   *
   * @throws BffError `store_unavailable`, also when the sessions have ended and sign-ins under way could not be told
   */
  endAll(filter: SessionFilter, by: EndedBy): Promise<readonly SessionRecord[]>
  /**
   * Runs `create`, which may evict sessions of the user, and tells what it evicted.
   *
   * The new session lives, so that the evicted ones' tokens are left alone, unless every token is to be revoked.
   */
  evicting(
    user: Pick<SessionRecord, 'userId' | 'issuer'>,
    create: () => Promise<{ readonly evicted: readonly SessionHandle[] }>,
  ): Promise<void>
}

/**
 * Remembers which sessions were ended all at once, for as long as a sign-in that began before can still arrive (LGO-12).
 *
 * Set before sessions are ended and looked at after one is stored, so that of the two at least one sees the other. No
 * login clears them. What came first is told by the store, as in a hybrid logical clock: an ending takes a time ahead of
 * all clocks of ours, and a sign-in that begins afterwards reads it and takes a later one.
 */
export interface LogoutMarks {
  /** When a sign-in that begins now began: after every ending until now, whatever the clocks say. */
  begin(): Promise<number>
  /** Nothing, for a filter that names no owner. */
  set(filter: SessionFilter, by: EndedBy): Promise<void>
  /** Who ended the sessions this one would be among since its sign-in began; `null`: nobody. */
  find(session: MarkedSession, began: number): Promise<EndedBy | null>
}
