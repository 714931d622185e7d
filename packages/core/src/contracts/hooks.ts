import type { NewSession } from './new-session.ts'
import type { RequestView } from './request-view.ts'
import type { Claims, Session } from './session.ts'

/** The app's say in what happens to sessions. */
export interface Hooks<Metadata> {
  /** Before a signed-in user's session is stored. Returns what to add or change; throwing refuses the sign-in, with `sign_in_refused`. */
  readonly onCreateSession?: (
    draft: NewSession,
    request: RequestView,
  ) => Promise<Partial<NewSession> | undefined> | Partial<NewSession> | undefined
  /** After a session was loaded, before anyone uses it. Throwing treats the request as signed out. */
  readonly onSessionLoad?: (session: Session<Metadata>, request: RequestView) => Promise<void> | void
  /** The cookie's session has expired. */
  readonly onSessionExpired?: (session: Session<Metadata>, request: RequestView) => Promise<void> | void
  /** The cookie names no live session, or its secret is wrong. */
  readonly onSessionInvalid?: (request: RequestView) => Promise<void> | void
  /** A request that needs a session has no session cookie. */
  readonly onNoSession?: (request: RequestView) => Promise<void> | void
  /** After tokens were refreshed and stored; nobody waits for it. A throw is reported and ignored. */
  readonly onRefresh?: (session: Session<Metadata>) => Promise<void> | void
  /** What `GET /bff/user` tells of the user, in place of the claims the provider signed. A throw answers 500. */
  readonly onUserClaims?: (
    claims: Claims,
    session: Session<Metadata>,
    request: RequestView,
  ) => Promise<Claims> | Claims
  /** After a session was signed out here. A throw is reported and ignored. */
  readonly onLogout?: (session: Session<Metadata>) => Promise<void> | void
}
