import type { Clock } from './clock.ts'
import type { Emit } from './events.ts'

/** What a BFF gives each of its parts. */
export interface AttachContext {
  readonly clock: Clock
  /** Emits an event to the BFF's `onEvent`. */
  readonly emit: Emit
}

/**
 * A part that reads the time or emits events: a store, a limiter, a provider, an encryptor. `createBff`, `createParts` and
 * the plugins call `attach` before they use a part. `createAttachment()` of `@bff/core/authoring` keeps these laws:
 *
 * - AT-01 After `attach`, the part reads the clock and emits to the sink that it was given.
 * - AT-02 A clock or sink of the part's own options takes precedence.
 * - AT-03 The first `attach` counts: a part that several BFFs share keeps the clock and the sink of the first one.
 * - AT-04 A part that has read the time keeps its clock, so that two moments always come from the same one.
 * - AT-05 A part that wraps another one passes the call on.
 */
export interface Attachable {
  /** Absent: the part needs neither. */
  attach?(context: AttachContext): void
}
