import type { Clock } from '../contracts/clock.ts'
import type { BffEvent } from '../contracts/events.ts'
import type { SessionStore } from '../contracts/session-store.ts'
import type { Stores } from '../contracts/stores.ts'
import { attachmentRules, createAttachment } from '../internal/attachment.ts'
import { number, wholeNumber } from '../internal/option-rules.ts'
import { readOptions } from '../internal/options.ts'
import { delegate } from './delegate.ts'

export interface CreationRateOptions {
  /** Sessions this process may create within `windowMs`. @default 1000. From 1 to 1_000_000 */
  readonly max?: number
  /** Milliseconds. @default 60_000 (1 minute). From 1000 to 86_400_000 */
  readonly windowMs?: number
  /** Receives `session.surge`, at most once in `windowMs`. @default `onEvent` of the BFF */
  readonly onEvent?: (event: BffEvent) => void
  /** A clock of its own, for tests. @default the clock of the BFF */
  readonly clock?: Clock
}

const OPTIONS = {
  max: wholeNumber(1000, 1, 1_000_000),
  windowMs: number(60_000, 1_000, 86_400_000),
  ...attachmentRules,
}

/**
 * Returns the same stores, and counts how fast sessions are created: this shows a leaked client secret, a bot or a loop of
 * sign-ins first. It refuses no session; `@bff/core/rate-limit` limits requests.
 *
 * @throws BffError `invalid_config` with the option and the values it accepts
 * @example
 * ```ts
 * import { withCreationRate } from '@bff/core/store'
 * import { memoryStore } from '@bff/store-memory'
 *
 * export const store = withCreationRate(memoryStore(), { max: 200 })
 * ```
 */
export function withCreationRate<S extends Stores>(
  stores: S,
  options: CreationRateOptions = {},
): Omit<S, 'sessions'> & { readonly sessions: SessionStore } {
  const { max, windowMs, ...own } = readOptions('withCreationRate', options, OPTIONS)
  const { clock, emit, attach } = createAttachment(own)
  const { sessions } = stores
  /** When the last `max` sessions were created, oldest at `next`. */
  const times = new Float64Array(max).fill(Number.NEGATIVE_INFINITY)
  let next = 0
  let reported = Number.NEGATIVE_INFINITY

  function count(at: number): void {
    const isSurge = at - (times[next] ?? at) < windowMs
    times[next] = at
    next = (next + 1) % max
    if (!isSurge || at - reported < windowMs) return
    reported = at
    emit({ type: 'session.surge', max, windowMs })
  }

  const counting: SessionStore = {
    ...delegate(sessions),
    async create(record, limits) {
      const created = await sessions.create(record, limits)
      count(clock.monotonic())
      return created
    },
    attach(context) {
      attach(context)
      sessions.attach?.(context)
    },
  }
  return { ...stores, sessions: counting }
}
