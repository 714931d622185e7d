import type { Clock } from '../contracts/clock.ts'
import type { Encryptor } from '../contracts/encryptor.ts'
import type { Emit } from '../contracts/events.ts'
import type { Hooks } from '../contracts/hooks.ts'
import type { Plugin } from '../contracts/plugin.ts'
import type { LiveRequestSession, RequestSession, RequestSessions } from '../contracts/request-sessions.ts'
import type { RequestView } from '../contracts/request-view.ts'
import type { ResolvedOptions } from '../contracts/resolved-options.ts'
import type { Session, SessionHandle, SessionRecord } from '../contracts/session.ts'
import type { SessionCache } from '../contracts/session-cache.ts'
import type { SessionRevocation } from '../contracts/session-revocation.ts'
import type { SessionStore } from '../contracts/session-store.ts'
import type { TtlStore } from '../contracts/ttl-store.ts'
import { BffError, isBffError } from '../internal/bff-error.ts'
import { clearCookie, readCookie, setCookie } from '../internal/http/cookie.ts'
import { idleExpiry } from '../internal/lifetime.ts'
import { parseSessionId, type SessionIdParts, splitSessionId } from '../session/id.ts'
import { adopt, recordOf } from '../session/live-session.ts'
import { moveToNewestKey } from '../session/newest-key.ts'
import type { VerifiedSecrets } from '../session/verified-secrets.ts'
import { createSkewWatch, isLiveInCache, judgeSession, type Loaded } from './load-session.ts'

export interface RequestSessionsDependencies {
  readonly verified: VerifiedSecrets
  readonly store: SessionStore
  readonly cache?: SessionCache
  readonly ttl: TtlStore
  readonly sessionRevocation: SessionRevocation
  readonly encryptor: Encryptor
  readonly options: ResolvedOptions
  readonly hooks: Hooks<Readonly<Record<string, unknown>>>
  readonly clock: Clock
  readonly emit: Emit
  /** Those of a BFF; complete when its first request comes. */
  readonly plugins: readonly Plugin[]
  readonly view: (record: SessionRecord) => Session
  /** Returns the session, refreshed when its refresh token would expire; `null` when it has ended. */
  readonly keepAlive: (record: SessionRecord) => SessionRecord | Promise<SessionRecord | null>
}

/** Whether an error of a plugin says that the request counts as signed out; any other one is a fault. */
const isRefusal = (error: unknown) => isBffError(error) && error.status === 401

const NONE = { state: 'none' } as const
const INVALID = { state: 'invalid' } as const

export function createRequestSessions(dependencies: RequestSessionsDependencies): RequestSessions {
  const {
    verified,
    store,
    cache,
    ttl,
    sessionRevocation,
    encryptor,
    options,
    hooks,
    clock,
    emit,
    plugins,
    view,
    keepAlive,
  } = dependencies
  const { cookieName, sessionCookie } = options
  const { idleTimeoutMs, touchShare } = options.session
  const watchClock = createSkewWatch(clock, emit)
  const loading = { verified, ttl, sessionRevocation, encryptor, clock, emit, watchClock }
  let checking: Plugin[] | undefined
  /** The answers of touches under way. */
  const noting = new Map<SessionHandle, Promise<boolean>>()
  // Stored on the request itself: a WeakMap would cost more than the read it saves. And separate for each BFF: of two
  // that look at one request, neither may take the other's session for its own.
  const LOADED: unique symbol = Symbol('session')
  interface Remembering extends RequestView {
    [LOADED]?: RequestSession | Promise<RequestSession>
  }

  function loadOnce(request: Remembering): RequestSession | Promise<RequestSession> {
    request[LOADED] ??= read(request)
    return request[LOADED]
  }

  /** Returns at once when the cache knows the session. Else it waits once, for the store, unless something else must be asked. */
  function read(request: RequestView): RequestSession | Promise<RequestSession> {
    const cookie = readCookie(request.header('cookie'), cookieName)
    if (cookie === 'duplicate') emit({ type: 'cookie.duplicate' })
    if (cookie === null || cookie === 'duplicate') return NONE
    const id = cookie.value
    const parts = parseSessionId(id)
    if (parts === null) return NONE
    const cached = cache?.peek(parts.handle)
    if (cached !== undefined) {
      const live = { state: 'live', record: cached } as const
      const isLive = isLiveInCache(parts.secret, cached, loading)
      if (isLive === true) return toRequestSession(live, id, request)
      if (isLive !== false)
        return isLive.then((lives) =>
          lives ? toRequestSession(live, id, request) : readStore(parts, id, request),
        )
    }
    return readStore(parts, id, request)
  }

  async function readStore(parts: SessionIdParts, id: string, request: RequestView): Promise<RequestSession> {
    const record = await (cache?.read(parts.handle) ?? store.get(parts.handle))
    const judged = judgeSession(parts, record, loading)
    return toRequestSession('state' in judged ? judged : await judged, id, request)
  }

  function toRequestSession(
    loaded: Loaded,
    id: string,
    request: RequestView,
  ): RequestSession | Promise<RequestSession> {
    checking ??= plugins.filter(({ checkSession }) => checkSession !== undefined)
    return loaded.state === 'live' && checking.length === 0 && hooks.onSessionLoad === undefined
      ? { state: 'live', session: view(loaded.record), id }
      : afterHooks(loaded, id, request, checking)
  }

  async function afterHooks(
    loaded: Loaded,
    id: string,
    request: RequestView,
    checking: readonly Plugin[],
  ): Promise<RequestSession> {
    if (loaded.state === 'invalid') {
      await hooks.onSessionInvalid?.(request)
      return INVALID
    }
    const session = view(loaded.record)
    if (loaded.state === 'expired') {
      await hooks.onSessionExpired?.(session, request)
      return { state: 'expired', session, id }
    }
    try {
      await hooks.onSessionLoad?.(session, request)
    } catch (cause) {
      emit({ type: 'hook.failed', hook: 'onSessionLoad', cause })
      return NONE
    }
    try {
      for (const plugin of checking) await plugin.checkSession?.(session, request)
    } catch (error) {
      return { state: 'refused', session, id, error }
    }
    return { state: 'live', session, id }
  }

  /** Returns at once when nothing need be written: that is most requests. */
  function use({ session, id }: LiveRequestSession): boolean | Promise<boolean> {
    const record = recordOf(session)
    const now = clock.now()
    const expiresAt = idleExpiry(record, idleTimeoutMs, now)
    const step = idleTimeoutMs * touchShare
    const isNoted = now - record.lastAccessedAt < step && expiresAt - record.expiresAt < step
    if (!isNoted) return noteUse(session, id, now, expiresAt).then((lives) => lives && goOn(session))
    return goOn(session)
  }

  function goOn(session: Session): boolean | Promise<boolean> {
    const record = recordOf(session)
    const kept = keepAlive(record)
    if (kept === record) return true
    return Promise.resolve(kept).then((fresh) => {
      if (fresh !== null) adopt(session, fresh)
      return fresh !== null
    })
  }

  async function noteUse(session: Session, id: string, now: number, expiresAt: number): Promise<boolean> {
    const record = recordOf(session)
    try {
      if (!(await noteOnce(record.handle, now, expiresAt))) return false
      // The response to this request may show the new expiry.
      const lastAccessedAt = Math.max(now, record.lastAccessedAt)
      adopt(session, { ...record, lastAccessedAt, expiresAt: Math.max(expiresAt, record.expiresAt) })
      adopt(session, await moveToNewestKey(splitSessionId(id).secret, recordOf(session), dependencies))
    } catch (cause) {
      // The session was read and is active; a failed touch must not refuse the request.
      emit({ type: 'store.unavailable', operation: 'touch', cause })
    }
    return true
  }

  /** What a page asks at once is one use: each request found the session active, and the touch, which ends later, confirms it. */
  function noteOnce(handle: SessionHandle, now: number, expiresAt: number): Promise<boolean> {
    let answer = noting.get(handle)
    if (answer === undefined) {
      answer = store.touch(handle, now, expiresAt).finally(() => noting.delete(handle))
      noting.set(handle, answer)
    }
    return answer
  }

  function touch(found: LiveRequestSession): boolean | Promise<boolean> {
    found.touched ??= use(found)
    return found.touched
  }

  return {
    load: async (request) => loadOnce(request),

    async require(request) {
      const loaded = loadOnce(request)
      const found = 'state' in loaded ? loaded : await loaded
      if (found.state === 'live') {
        const lives = touch(found)
        if (lives === true || (await lives)) return found.session
        throw new BffError('invalid_session')
      }
      if (found.state === 'refused') throw found.error
      if (found.state === 'expired') throw new BffError('session_expired')
      if (found.state === 'invalid') throw new BffError('invalid_session')
      await hooks.onNoSession?.(request)
      throw new BffError('no_session')
    },

    async get(request) {
      const loaded = loadOnce(request)
      const found = 'state' in loaded ? loaded : await loaded
      if (found.state === 'refused' && !isRefusal(found.error)) throw found.error
      if (found.state !== 'live') return null
      try {
        return (await touch(found)) ? found.session : null
      } catch (error) {
        if (isBffError(error, 'refresh_rejected')) return null
        throw error
      }
    },

    touch: async (found) => touch(found),

    cookie: (id, absoluteExpiresAt) =>
      setCookie(
        cookieName,
        id,
        sessionCookie.persistent ? (absoluteExpiresAt - clock.now()) / 1000 : null,
        sessionCookie,
      ),
    deletion: clearCookie(cookieName, sessionCookie),
  }
}
