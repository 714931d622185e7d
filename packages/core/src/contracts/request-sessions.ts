import type { RequestView } from './request-view.ts'
import type { Session } from './session.ts'

/** What a request's cookie stands for. */
export type RequestSession =
  | { readonly state: 'none' }
  | LiveRequestSession
  | { readonly state: 'expired'; readonly session: Session; readonly id: string }
  | { readonly state: 'invalid' }

export interface LiveRequestSession {
  readonly state: 'live'
  readonly session: Session
  readonly id: string
  /** The one use that a request notes; whoever asks again gets the same answer. */
  touched?: Promise<boolean>
}

/** From requests to sessions: reads the cookie, loads at most once a request, and keeps the session awake. */
export interface RequestSessions {
  /** What the request's cookie stands for; asked again for one request, it reads nothing. */
  load(request: RequestView): Promise<RequestSession>
  /**
   * The live session.
   *
   * @throws BffError `no_session`, `session_expired`, `invalid_session`, `refresh_rejected`, `store_unavailable`
   */
  require(request: RequestView): Promise<Session>
  /** The live session, or `null`. @throws BffError `store_unavailable` */
  optional(request: RequestView): Promise<Session | null>
  /**
   * Records the use of a live session, at most once in a share of its idle time, and renews a refresh token that
   * would end it. `false`: it has just ended.
   *
   * @throws BffError `refresh_rejected` when the provider has just ended it, `seal_broken`, `key_unavailable`
   */
  touch(found: LiveRequestSession): Promise<boolean>
  /** The `Set-Cookie` value that hands `id` to the browser until the session's absolute end. */
  cookie(id: string, absoluteExpiresAt: number): string
  /**
   * The `Set-Cookie` value that takes it away again: only for an answer that has itself ended the session it was asked
   * with. Any other may come after a newer session's cookie, and take that away.
   */
  readonly deletion: string
}
