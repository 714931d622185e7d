import type { Attachable, AttachContext } from '../contracts/attachable.ts'
import type { Clock } from '../contracts/clock.ts'
import type { BffEvent, Emit } from '../contracts/events.ts'
import { clock, sink } from './option-rules.ts'
import { sinkOf } from './sink.ts'
import { systemClock } from './system-clock.ts'

/** The clock and the sink that a part uses. */
export interface Attachment extends Required<Attachable>, AttachContext {}

/** The options by which a part has a clock or a sink of its own. */
export interface OwnAttachment {
  /** @default the clock of the BFF, or without one the system's */
  readonly clock?: Clock | undefined
  /** @default the sink of the BFF, or without one ignored */
  readonly onEvent?: ((event: BffEvent) => void) | undefined
}

/** The rules by which {@link OwnAttachment} are read. */
export const attachmentRules = { clock: clock(), onEvent: sink() }

/**
 * Makes the clock and the sink of a part: its own, or those of the first BFF that it is attached to. Before that, the clock is
 * the system's and events are ignored.
 *
 * @example
 * ```ts
 * import type { RateLimiter } from '@bff/core/rate-limit'
 * import { type OwnAttachment, createAttachment } from '@bff/core/authoring'
 *
 * declare function counting(now: () => number): RateLimiter
 * export function myLimiter(options: OwnAttachment = {}): RateLimiter {
 *   const { clock, attach } = createAttachment(options)
 *   return { ...counting(() => clock.monotonic()), attach }
 * }
 * ```
 */
export function createAttachment({ clock: own, onEvent }: OwnAttachment = {}): Attachment {
  let chosen = own
  let given: Emit | undefined
  const read = () => {
    chosen ??= systemClock
    return chosen
  }
  const clock: Clock = own ?? {
    now: () => read().now(),
    monotonic: () => read().monotonic(),
    // A wait begins with the part, often before it is attached, and reads no time.
    sleep: (...wait) => (chosen ?? systemClock).sleep(...wait),
  }
  return {
    clock,
    emit: onEvent ? sinkOf(onEvent, clock) : (event) => given?.(event),
    attach(context) {
      chosen ??= context.clock
      given ??= context.emit
    },
  }
}

/** The `attach` of a part that wraps another one and needs nothing itself. */
export const attachTo = (inner: Attachable): Required<Attachable> => ({
  attach: (context) => inner.attach?.(context),
})
