import type { Clock } from '../clock.ts'
import type { Hooks } from '../config.ts'
import type { Encryptor } from '../crypto/encryptor.ts'
import { BffError, isBffError } from '../errors.ts'
import type { Emit } from '../events.ts'
import { clearCookie, readCookie, setCookie } from '../http/cookie.ts'
import type { RequestView } from '../http/request-view.ts'
import type { ResolvedOptions } from '../options.ts'
import type { SessionStore } from '../store/session-store.ts'
import type { TtlStore } from '../store/ttl-store.ts'
import { createSkewWatch } from './clock-skew.ts'
import type { SessionEnding } from './ending.ts'
import { idleExpiry } from './lifetime.ts'
import { type Loaded, loadSession } from './load.ts'
import type { Session, SessionRecord } from './model.ts'
import { adopt, recordOf } from './session.ts'

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

export interface RequestSessionsDependencies {
  readonly store: SessionStore
  readonly ttl: TtlStore
  readonly ending: SessionEnding
  readonly encryptor: Encryptor
  readonly options: ResolvedOptions
  readonly hooks: Hooks<Readonly<Record<string, unknown>>>
  readonly clock: Clock
  readonly emit: Emit
  readonly view: (record: SessionRecord) => Session
  /** The session with its refresh token renewed, when it is time for that; `null` when it has ended. */
  readonly keepAlive: (record: SessionRecord) => Promise<SessionRecord | null>
}

const NONE = { state: 'none' } as const
const INVALID = { state: 'invalid' } as const

export function createRequestSessions(dependencies: RequestSessionsDependencies): RequestSessions {
  const { store, ttl, ending, encryptor, options, hooks, clock, emit, view, keepAlive } = dependencies
  const { cookieName, sessionCookie } = options
  const { idleTimeoutMs, touchShare } = options.session
  const watchClock = createSkewWatch(clock, emit)
  // A slot of the request itself: a WeakMap would cost more than the read it saves. And a slot of this BFF alone: of two
  // that look at one request, neither may take the other's session for its own.
  const LOADED: unique symbol = Symbol('session')
  interface Remembering extends RequestView {
    [LOADED]?: Promise<RequestSession>
  }

  async function read(request: RequestView): Promise<RequestSession> {
    const cookie = readCookie(request.header('cookie'), cookieName)
    if (cookie === 'duplicate') emit({ type: 'cookie.duplicate' })
    if (cookie === null || cookie === 'duplicate') return NONE
    const loaded = await loadSession(cookie.value, {
      sessions: store,
      ttl,
      ending,
      encryptor,
      clock,
      emit,
      watchClock,
    })
    return loaded === null ? NONE : judged(loaded, cookie.value, request)
  }

  async function judged(loaded: Loaded, id: string, request: RequestView): Promise<RequestSession> {
    if (loaded.state === 'invalid') {
      await hooks.onSessionInvalid?.(request)
      return INVALID
    }
    const session = view(loaded.record)
    if (loaded.state === 'expired') await hooks.onSessionExpired?.(session, request)
    else if (hooks.onSessionLoad !== undefined) {
      try {
        await hooks.onSessionLoad(session, request)
      } catch (cause) {
        emit({ type: 'hook.failed', hook: 'onSessionLoad', cause })
        return NONE
      }
    }
    return { state: loaded.state, session, id }
  }

  async function use(session: Session): Promise<boolean> {
    if (!(await noteUse(session))) return false
    const kept = await keepAlive(recordOf(session))
    if (kept !== null) adopt(session, kept)
    return kept !== null
  }

  async function noteUse(session: Session): Promise<boolean> {
    const record = recordOf(session)
    const now = clock.now()
    const expiresAt = idleExpiry(record, idleTimeoutMs, now)
    const step = idleTimeoutMs * touchShare
    if (now - record.lastAccessedAt < step && expiresAt - record.expiresAt < step) return true
    try {
      if (!(await store.touch(record.handle, now, expiresAt))) return false
      // The answer to this very request may tell the new end.
      const lastAccessedAt = Math.max(now, record.lastAccessedAt)
      adopt(session, { ...record, lastAccessedAt, expiresAt: Math.max(expiresAt, record.expiresAt) })
    } catch (cause) {
      // The session was read and is live; that its use could not be noted must not refuse the request.
      emit({ type: 'store.unavailable', operation: 'touch', cause })
    }
    return true
  }

  const sessions: RequestSessions = {
    load(request: Remembering) {
      request[LOADED] ??= read(request)
      return request[LOADED]
    },

    async require(request) {
      const found = await sessions.load(request)
      if (found.state === 'live') {
        if (await sessions.touch(found)) return found.session
        throw new BffError('invalid_session')
      }
      if (found.state === 'expired') throw new BffError('session_expired')
      if (found.state === 'invalid') throw new BffError('invalid_session')
      await hooks.onNoSession?.(request)
      throw new BffError('no_session')
    },

    async optional(request) {
      const found = await sessions.load(request)
      if (found.state !== 'live') return null
      try {
        return (await sessions.touch(found)) ? found.session : null
      } catch (error) {
        if (isBffError(error, 'refresh_rejected')) return null
        throw error
      }
    },

    touch(found) {
      found.touched ??= use(found.session)
      return found.touched
    },

    cookie: (id, absoluteExpiresAt) =>
      setCookie(cookieName, id, (absoluteExpiresAt - clock.now()) / 1000, sessionCookie),
    deletion: clearCookie(cookieName, sessionCookie),
  }
  return sessions
}
