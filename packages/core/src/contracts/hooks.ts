import type { MadeBy } from './identity-provider.ts'
import type { NewSession } from './new-session.ts'
import type { RequestView } from './request-view.ts'
import type { Claims, Session } from './session.ts'

/** What the app decides about the session of a sign-in. */
export type SessionChoice = Partial<Omit<NewSession, keyof MadeBy | 'subject'>>

/** Functions of the app that core calls when something happens to a session. */
export interface Hooks<Metadata> {
  /**
   * Called before the session of a new sign-in is stored. Returns what to add or change, such as `userId`: who the user is
   * in your own table. With `absoluteTimeoutMs` it chooses how long this session lives. Its third argument has the
   * parameters that `login.keepParameters` names. Which provider made the session, and who the user is there, stays. A throw
   * refuses the sign-in with `sign_in_refused`, or with the code of a `BffError`. Claims that it adds or changes stay after
   * a refresh.
   */
  readonly onCreateSession?: (
    draft: NewSession,
    request: RequestView,
    /** The parameters of the sign-in's link that `login.keepParameters` names. Everybody can write them. */
    kept: Readonly<Record<string, string>>,
  ) => Promise<SessionChoice | undefined> | SessionChoice | undefined
  /** Called after a session was loaded and before its first use. After a throw the request is treated as signed out. */
  readonly onSessionLoad?: (session: Session<Metadata>, request: RequestView) => Promise<void> | void
  /** Called when the cookie's session has expired. */
  readonly onSessionExpired?: (session: Session<Metadata>, request: RequestView) => Promise<void> | void
  /** Called when the cookie names no active session, or its secret is wrong. */
  readonly onSessionInvalid?: (request: RequestView) => Promise<void> | void
  /** Called when a request that needs a session has no session cookie. */
  readonly onNoSession?: (request: RequestView) => Promise<void> | void
  /** Called after tokens were refreshed and stored. The BFF does not wait for it. It reports a throw and ignores it. */
  readonly onRefresh?: (session: Session<Metadata>) => Promise<void> | void
  /** Returns the claims for `GET /bff/user`, in place of those that the provider signed. A throw answers 500. */
  readonly onUserClaims?: (
    claims: Claims,
    session: Session<Metadata>,
    request: RequestView,
  ) => Promise<Claims> | Claims
  /** Called after a user signed out here. The BFF reports a throw and ignores it. */
  readonly onLogout?: (session: Session<Metadata>) => Promise<void> | void
}
