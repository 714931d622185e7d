import type { Surroundings } from '../protocol.ts'

export const BACKENDS = ['memory', 'Redis', 'SQLite', 'Postgres', 'MariaDB'] as const
export type Backend = (typeof BACKENDS)[number]

/** What the program that measures one backend is asked. */
export interface GrowthOrder {
  readonly backend: Backend
  readonly rounds: number
  /** A number of sessions, and the empty server for them. */
  readonly stands: readonly { readonly size: number; readonly surroundings: Surroundings }[]
}

/** The times of one call, in milliseconds, by number of sessions. */
export interface CallTimes {
  readonly call: string
  readonly medians: readonly number[]
  /** On a busy machine, what the calls themselves take. */
  readonly lowestDeciles: readonly number[]
}

export interface GrowthAnswer {
  readonly calls: readonly CallTimes[]
  readonly bytesPerSession: readonly number[]
  /** What a session holds: its sealed fields, texts and numbers. */
  readonly contentBytes: number
}
