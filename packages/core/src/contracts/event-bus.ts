import type { Attachable } from './attachable.ts'
import type { BffEvent, Topic } from './events.ts'

/**
 * Carries events between processes, at most once. Anything that must not be lost is in the stores.
 *
 * Laws (each is a test of the store suite):
 *
 * - EB-01 A published event reaches every subscriber of its topic, in order of publishing per publisher.
 * - EB-02 A subscriber of another topic does not see it.
 * - EB-03 After `unsubscribe` resolves, the bus does not call the handler again; a second `unsubscribe` has no effect.
 * - EB-04 A handler that throws, or whose promise rejects, affects neither the publisher nor other handlers.
 * - EB-05 Events arrive as equal plain data; a subscriber that changes one does not change it for others.
 */
export interface EventBus extends Attachable {
  /** Publishes an event. A failure does not fail the request: core counts it and emits `bus.failed`. */
  publish(topic: Topic, event: BffEvent): Promise<void>
  /** Resolves to the function that ends the subscription, once the subscription is active. */
  subscribe(topic: Topic, handler: (event: BffEvent) => void): Promise<() => Promise<void>>
}
