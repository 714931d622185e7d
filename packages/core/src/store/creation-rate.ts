import type { Clock } from '../contracts/clock.ts'
import type { BffEvent } from '../contracts/events.ts'
import type { SessionStore } from '../contracts/session-store.ts'
import type { Stores } from '../contracts/stores.ts'
import { BffError } from '../internal/bff-error.ts'
import { sinkOf } from '../internal/sink.ts'
import { systemClock } from '../internal/system-clock.ts'
import { refuseUnknown } from '../internal/unknown-option.ts'
import { delegate } from './delegate.ts'

export interface CreationRateOptions {
  /** Sessions this process may create within `windowMs`. @default 1000. From 1 to 1_000_000 */
  readonly max?: number
  /** Milliseconds. @default 60_000 (1 minute). From 1000 to 86_400_000 */
  readonly windowMs?: number
  /** Receives `session.surge`, at most once in `windowMs`. */
  readonly onEvent: (event: BffEvent) => void
  /** @default the system's clock */
  readonly clock?: Clock
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
 * const onEvent = ({ type }: { type: string }) => console.warn(type)
 * export const store = withCreationRate(memoryStore(), { max: 200, onEvent })
 * ```
 */
export function withCreationRate<S extends Stores>(
  stores: S,
  options: CreationRateOptions,
): Omit<S, 'sessions'> & { readonly sessions: SessionStore } {
  const { max, windowMs, onEvent, clock } = checked(options)
  const emit = sinkOf(onEvent, clock)
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
  }
  return { ...stores, sessions: counting }
}

function checked(options: CreationRateOptions): Required<CreationRateOptions> {
  refuseUnknown('withCreationRate', options, ['max', 'windowMs', 'onEvent', 'clock'])
  const invalid = (message: string) => new BffError('invalid_config', `withCreationRate: ${message}`)
  const { max = 1000, windowMs = 60_000, onEvent, clock = systemClock } = options
  if (!Number.isInteger(max) || max < 1 || max > 1_000_000)
    throw invalid('max must be a whole number from 1 to 1000000.')
  if (!(windowMs >= 1000 && windowMs <= 86_400_000))
    throw invalid('windowMs must be a number from 1000 to 86400000.')
  if (typeof onEvent !== 'function') throw invalid('onEvent must be a function.')
  return { max, windowMs, onEvent, clock }
}
