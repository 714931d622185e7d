import type { Clock } from '../contracts/clock.ts'
import type { Encryptor } from '../contracts/encryptor.ts'
import type { Emit } from '../contracts/events.ts'
import type { Hooks } from '../contracts/hooks.ts'
import type { RequestSession, RequestSessions } from '../contracts/request-sessions.ts'
import type { RequestView } from '../contracts/request-view.ts'
import type { ResolvedOptions } from '../contracts/resolved-options.ts'
import type { Session, SessionRecord } from '../contracts/session.ts'
import type { SessionEnding } from '../contracts/session-ending.ts'
import type { SessionStore } from '../contracts/session-store.ts'
import type { TtlStore } from '../contracts/ttl-store.ts'
import { BffError, isBffError } from '../internal/bff-error.ts'
import { clearCookie, readCookie, setCookie } from '../internal/http/cookie.ts'
import { idleExpiry } from '../internal/lifetime.ts'
import { adopt, recordOf } from '../session/live-session.ts'
import { createSkewWatch, type Loaded, loadSession } from './load-session.ts'

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
  /** Returns the session, refreshed when its refresh token would expire; `null` when it has ended. */
  readonly keepAlive: (record: SessionRecord) => Promise<SessionRecord | null>
}

const NONE = { state: 'none' } as const
const INVALID = { state: 'invalid' } as const

export function createRequestSessions(dependencies: RequestSessionsDependencies): RequestSessions {
  const { store, ttl, ending, encryptor, options, hooks, clock, emit, view, keepAlive } = dependencies
  const { cookieName, sessionCookie } = options
  const { idleTimeoutMs, touchShare } = options.session
  const watchClock = createSkewWatch(clock, emit)
  // Stored on the request itself: a WeakMap would cost more than the read it saves. And separate for each BFF: of two
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
    return loaded === null ? NONE : toRequestSession(loaded, cookie.value, request)
  }

  async function toRequestSession(loaded: Loaded, id: string, request: RequestView): Promise<RequestSession> {
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
      // The response to this request may show the new expiry.
      const lastAccessedAt = Math.max(now, record.lastAccessedAt)
      adopt(session, { ...record, lastAccessedAt, expiresAt: Math.max(expiresAt, record.expiresAt) })
    } catch (cause) {
      // The session was read and is active; a failed touch must not refuse the request.
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

    async get(request) {
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
