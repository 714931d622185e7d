import type { BffClient, BffClientOptions, StepUpOptions } from './bff-client.ts'
import { AFTER_END_MS, nextCheck, retryWait } from './next-check.ts'
import type { Platform } from './platform.ts'
import { createPopup } from './popup.ts'
import { createQuestion } from './question.ts'
import { type BffRequestError, createRequests, fieldOf, isSessionEnd } from './request.ts'
import {
  eventOf,
  isSame,
  type SessionEvent,
  type SessionState,
  type SignedOutReason,
  UNKNOWN,
} from './session-state.ts'
import { createTabs } from './tabs.ts'
import { refuseUnknown } from './unknown-option.ts'
import { type LiveSession, readSession } from './wire.ts'

const OPTIONS = [
  'basePath',
  'csrf',
  'claims',
  'pollMs',
  'warnBeforeMs',
  'stepUp',
  'embedded',
  'initialSession',
  'fetch',
]

export function createClient(options: BffClientOptions, platform: Platform): BffClient {
  refuseUnknown('createBffClient', options, OPTIONS)
  const {
    csrf = {},
    claims = true,
    pollMs = 60_000,
    warnBeforeMs = 120_000,
    stepUp = 'none',
    embedded = false,
  } = options
  if (stepUp !== 'popup' && stepUp !== 'none') throw new TypeError('stepUp must be popup or none.')
  // `//login` would be a host of that name.
  const basePath = options.basePath === '/' ? '' : (options.basePath ?? '/bff')
  refuseUnknown('csrf', csrf, ['headerName', 'headerValue'])
  const { headerName = 'x-csrf', headerValue = '1' } = csrf
  const channelName = `@bff/client${basePath}`
  const popup = createPopup(platform, channelName)
  const listeners = new Set<(event: SessionEvent) => void>()

  const initialSession = Object.freeze(options.initialSession ?? UNKNOWN)
  let session = initialSession
  /** Whether the server that rendered this page has just said so. */
  let isFresh = session.status !== 'unknown'
  let failures = 0
  let retryAt = 0
  /** Why an API call was refused, until the server has confirmed that the session has ended. */
  let refusal: SignedOutReason | null = null
  let stopListening: (() => void) | null = null
  let cancelTimer = () => {}
  let isClosed = false

  const { call, fetch } = createRequests({
    platform,
    send: options.fetch ?? platform.fetch,
    basePath,
    headerName,
    headerValue,
    onEnded: (reason) => {
      if (session.status === 'signed-out') return
      refusal = reason
      askAgain()
    },
    onStepUp: stepUp === 'none' ? null : signsInAgain,
  })

  const question = createQuestion(
    () =>
      readSession({ call, withClaims: claims, now: platform.now, known: session }).then(
        (live) => () => answered(live),
        (error: BffRequestError) => () => unanswered(error),
      ),
    schedule,
  )

  const tabs = createTabs({
    platform,
    name: channelName,
    onMessage: (message) => {
      const identity = fieldOf(message, 'identity')
      if (fieldOf(message, 'type') === 'signed-out') end('signed_out_elsewhere')
      // A response under way may be older than the one of the other tab.
      else if (!question.isOpen && identity === identityOf(session)) return
      askAgain()
    },
  })

  function set(next: SessionState): void {
    if (isClosed || isSame(session, next)) return
    const event = eventOf(session, next)
    session = Object.freeze(next)
    for (const listener of [...listeners]) {
      try {
        listener(event)
      } catch (error) {
        // The page's own fault, reported as one of an event listener: the others must still hear.
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }

  /** Stores the server's response. Other tabs compare it with their own state. */
  function learn(next: SessionState): void {
    const before = identityOf(session)
    set(next)
    if (identityOf(session) !== before) tabs.tell({ identity: identityOf(session) })
  }

  function answered(live: LiveSession | null): void {
    failures = 0
    const reason = refusal ?? reasonOfEnd()
    refusal = null
    if (live === null) learn({ status: 'signed-out', reason, error: null })
    else learn({ status: 'signed-in', ...live, expiring: isNear(live.expiresAt), error: null })
  }

  function unanswered({ code, retryAfter }: BffRequestError): void {
    // A request has been refused because there is no session: the server said so.
    if (isSessionEnd(code)) refusal = code
    if (refusal !== null) {
      answered(null)
      return
    }
    retryAt = platform.now() + retryWait(failures++, retryAfter)
    if (session.status !== 'signed-in') set({ ...session, error: code })
    else if (session.expiresAt < platform.now()) set({ status: 'unknown', error: code })
    else set({ ...session, expiring: isNear(session.expiresAt), error: code })
  }

  /** Only its user or an operator revokes a session before it expires. */
  function reasonOfEnd(): SignedOutReason | null {
    if (session.status !== 'signed-in') return session.status === 'signed-out' ? session.reason : null
    return session.expiresAt - AFTER_END_MS > platform.now() ? 'invalid_session' : 'session_expired'
  }

  function end(reason: SignedOutReason): void {
    question.outdate()
    if (session.status !== 'signed-out') set({ status: 'signed-out', reason, error: null })
    schedule()
  }

  const isNear = (expiresAt: number) => expiresAt - platform.now() <= warnBeforeMs

  function schedule(): void {
    cancelTimer()
    if (stopListening === null || question.isOpen) return
    const [now, isVisible] = [platform.now(), platform.isVisible()]
    const wait = nextCheck(session, { now, isVisible, pollMs, warnBeforeMs, retryAt })
    if (wait !== null) cancelTimer = platform.later(() => void question.ask(), wait)
  }

  function askAgain(): void {
    question.outdate()
    void question.ask()
  }

  function start(): void {
    tabs.open()
    stopListening = platform.listen({
      onWake: () => void question.ask(),
      // What the browser keeps for its back button must not be private.
      onHide: () => {
        question.outdate()
        tabs.close()
        cancelTimer()
        set(UNKNOWN)
      },
      onRestore: () => {
        tabs.open()
        askAgain()
      },
    })
    if (isFresh) {
      tabs.tell({ identity: identityOf(session) })
      schedule()
    } else void question.ask()
    isFresh = false
  }

  function stop(): void {
    stopListening?.()
    stopListening = null
    tabs.close()
    cancelTimer()
  }

  async function refetch(): Promise<SessionState> {
    question.outdate()
    await question.ask()
    return session
  }

  const signInUrl = (
    how: { readonly returnTo: string } | { readonly challenge: string },
    { acrValues, maxAge }: StepUpOptions,
  ) =>
    basePath +
    pathTo('returnTo' in how ? '/login' : '/embedded', { ...how, acr_values: acrValues, max_age: maxAge })

  async function signsInAgain(asked: StepUpOptions): Promise<boolean> {
    const after = await signInWithPopup(asked).catch(() => null)
    return after?.status === 'signed-in'
  }

  async function signInWithPopup(options: StepUpOptions = {}): Promise<SessionState> {
    if (embedded && platform.isFramed()) await signInToFrame(options)
    else await popup.open(signInUrl({ returnTo: `${basePath}/popup` }, options))
    return refetch()
  }

  /** The cookie of the window does not reach this frame: only the page that began the sign-in can redeem its code. */
  async function signInToFrame(options: StepUpOptions): Promise<void> {
    const { verifier, challenge } = await platform.secret()
    const code = await popup.open(signInUrl({ challenge }, options))
    if (code !== null) await call('/embedded', 'POST', new URLSearchParams({ code, verifier }))
  }

  return {
    get session() {
      return session
    },
    initialSession,
    subscribe(listener) {
      const own = (event: SessionEvent) => listener(event)
      listeners.add(own)
      if (listeners.size === 1 && !isClosed) start()
      return () => {
        if (listeners.delete(own) && listeners.size === 0) stop()
      }
    },
    refetch,
    async keepAlive() {
      await call('/session')
      return refetch()
    },
    signIn({ returnTo = platform.here(), ...options } = {}) {
      platform.navigate(signInUrl({ returnTo }, options))
    },
    signInWithPopup,
    async signOut({ returnTo } = {}) {
      const url = fieldOf(await call(pathTo('/logout', { returnTo }), 'POST'), 'logout_url')
      end('signed_out')
      tabs.tell({ type: 'signed-out' })
      const next = typeof url === 'string' ? url : returnTo
      if (next !== undefined) platform.navigate(next)
    },
    fetch,
    close() {
      isClosed = true
      listeners.clear()
      stop()
    },
  }
}

function pathTo(path: string, parameters: Readonly<Record<string, string | number | undefined>>): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters))
    if (value !== undefined) query.set(name, String(value))
  return query.size === 0 ? path : `${path}?${query}`
}

/** The user on which tabs must agree: a user id, `null` when signed out, `undefined` while it is unknown. */
function identityOf(session: SessionState): string | null | undefined {
  if (session.status === 'signed-in') return session.userId
  return session.status === 'signed-out' ? null : undefined
}
