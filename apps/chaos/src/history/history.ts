/** What a browser asks for. */
export type Kind = 'signIn' | 'call' | 'session' | 'refresh' | 'rotate' | 'signOut'

/**
 * What came of it. `ok`: the browser was let in, or what it asked for was done. `ended`: it was told that it is signed
 * out. `unavailable`: 502, 503 or 504. `none`: the connection broke, or nothing came. `other`: anything else.
 */
export type Outcome = 'ok' | 'ended' | 'unavailable' | 'none' | 'other'

/** One request and its answer. Times are milliseconds since the run began, by the harness's monotonic clock. */
export interface Operation {
  readonly kind: Kind
  /** Which process was asked. */
  readonly process: number
  /** A label of the cookie that was sent; never the cookie. */
  readonly cookie: string
  readonly begin: number
  readonly end: number
  /** `0`: no answer. */
  readonly status: number
  /** The `error` in the answer's body. */
  readonly code: string | null
  readonly outcome: Outcome
  /** Whom the answer is about; `null` when it does not say. */
  readonly user: string | null
  /** What the answer does to the session cookie. */
  readonly setsCookie: 'no' | 'new' | 'deletes'
}

/** Something that ends a session, or may. */
export interface Ending {
  readonly by: string
  readonly begin: number
  /** When it was acknowledged; `null`: it never was, so the session may be over and may not be. */
  acknowledged: number | null
}

/** All that happened to one session, from its sign-in on. */
export interface SessionHistory {
  readonly id: string
  readonly user: string
  readonly operations: Operation[]
  readonly endings: Ending[]
}

/** A time in which something is broken on purpose, or the machine gave a process no time. */
export interface Fault {
  readonly name: string
  readonly begin: number
  /** When it was mended; `null`: not yet. */
  end: number | null
  /** Whether processes end or stand still in it, so that connections to them break. */
  readonly stopsProcesses: boolean
}

/** All that happened in one run. */
export interface History {
  readonly sessions: readonly SessionHistory[]
  /** Sign-ins that failed, so that no session came of them. */
  readonly failedSignIns: readonly Operation[]
  readonly faults: readonly Fault[]
}
