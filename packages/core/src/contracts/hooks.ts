import type { NewSession } from './new-session.ts'
import type { RequestView } from './request-view.ts'
import type { Claims, Session } from './session.ts'

/** Functions of the app that core calls when something happens to a session. */
export interface Hooks<Metadata> {
  /**
   * Called before the session of a new sign-in is stored. Returns what to add or change. A throw refuses the sign-in with
   * `sign_in_refused`.
   */
  readonly onCreateSession?: (
    draft: NewSession,
    request: RequestView,
  ) => Promise<Partial<NewSession> | undefined> | Partial<NewSession> | undefined
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
