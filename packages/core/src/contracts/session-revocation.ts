import type { Revocation, SessionHandle, SessionRecord, SessionTokens } from './session.ts'
import type { AnyOwnerFilter, RevokeOutcome, SessionFilter } from './session-store.ts'

/** Who revokes a session, and why. */
export type RevocationCause = Omit<Revocation, 'at'>

/** The members of a session that a filter, and so a mark, can name. */
export type MarkedSession = Pick<
  SessionRecord,
  'userId' | 'organizationId' | 'issuer' | 'subject' | 'providerSessionId' | 'deviceId'
>

/** Revokes sessions here at once, and notifies the provider in the background (LGO-17). */
export interface SessionRevocation {
  /**
   * Revokes a session. Returns it with its last tokens, if they are known; `null` when there is no such session.
   *
   * @param options.revokeTokens `false` when its refresh token is not usable any more. @default true
   */
  revoke(
    handle: SessionHandle,
    by: RevocationCause,
    options?: { readonly revokeTokens?: boolean },
  ): Promise<{ outcome: RevokeOutcome['outcome']; tokens: SessionTokens | null } | null>
  /**
   * Revokes every active session that the filter matches. Returns the revoked sessions, newest first. A sign-in under way that
   * would make another one is refused at its callback.
   *
   * @throws BffError `store_unavailable` when a session may be active or a sign-in under way could not be marked; the sessions
   * that it has revoked are reported all the same, and the next call revokes the rest
   */
  revokeAll(filter: SessionFilter, by: RevocationCause): Promise<readonly SessionRecord[]>
  /**
   * Runs `create`, which may evict sessions of the user, and reports the evicted ones.
   *
   * The new session is active, so the tokens of the evicted ones are not revoked, unless the policy revokes every token.
   */
  evicting(
    user: Pick<SessionRecord, 'userId' | 'subject' | 'issuer' | 'provider'>,
    create: () => Promise<{ readonly evicted: readonly SessionHandle[] }>,
  ): Promise<void>
}

/**
 * Remembers which sessions were revoked together, for as long as a sign-in that began before can still arrive (LGO-12).
 *
 * A mark is set before sessions are revoked, and read after a session is stored, so that at least one of the two sees the
 * other. No sign-in clears a mark. The store decides the order, as in a hybrid logical clock: a revocation takes a time ahead
 * of all clocks of the app, and a sign-in that begins afterwards reads it and takes a later one.
 */
export interface LogoutMarks {
  /** Returns the start of a sign-in that begins now: after every revocation until now, regardless of the clocks. */
  begin(): Promise<number>
  /** Sets a mark. It does nothing for a filter that names no owner. */
  set(filter: SessionFilter | AnyOwnerFilter, by: RevocationCause): Promise<void>
  /** Returns who has revoked the sessions of this one's owner since its sign-in began; `null` when no one has. */
  find(session: MarkedSession, began: number): Promise<RevocationCause | null>
}
