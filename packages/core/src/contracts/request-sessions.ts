import type { RequestView } from './request-view.ts'
import type { Session } from './session.ts'

/** The session that a request's cookie names. */
export type RequestSession =
  | { readonly state: 'none' }
  | LiveRequestSession
  | { readonly state: 'expired'; readonly session: Session; readonly id: string }
  | { readonly state: 'invalid' }
  /** The session is active, and a plugin refuses it to this request: see `Plugin.checkSession`. */
  | { readonly state: 'refused'; readonly session: Session; readonly id: string; readonly error: unknown }

export interface LiveRequestSession {
  readonly state: 'live'
  readonly session: Session
  readonly id: string
  /** The one touch of a request; every later call gets the same result. */
  touched?: boolean | Promise<boolean>
}

/** Finds the session of a request: reads the cookie, loads the session at most once for each request, and touches it. */
export interface RequestSessions {
  /** Returns the session that the request's cookie names. A second call for the same request reads nothing. */
  load(request: RequestView): Promise<RequestSession>
  /**
   * Returns the active session.
   *
   * @throws BffError `no_session`, `session_expired`, `invalid_session`, `refresh_rejected`, `store_unavailable`, and the
   * error of a plugin that refuses the session to this request
   */
  require(request: RequestView): Promise<Session>
  /**
   * Returns the active session; `null` without one, and when a plugin refuses it to this request.
   *
   * @throws BffError `store_unavailable`, and the error of a plugin unless its status is 401: an outage is no sign-out
   */
  get(request: RequestView): Promise<Session | null>
  /**
   * Touches an active session, at most once in a share of its idle timeout, and refreshes when the session would expire with
   * its refresh token. Returns `false` when the session has just ended.
   *
   * @throws BffError `refresh_rejected` when the provider has just ended it, `seal_broken`, `key_unavailable`
   */
  touch(found: LiveRequestSession): Promise<boolean>
  /** Returns the `Set-Cookie` value that gives `id` to the browser until the session's absolute limit. */
  cookie(id: string, absoluteExpiresAt: number): string
  /**
   * The `Set-Cookie` value that deletes the cookie: only for a response that has itself ended the session of its request.
   * Any other response may arrive after the cookie of a newer session, and would delete that.
   */
  readonly deletion: string
}
