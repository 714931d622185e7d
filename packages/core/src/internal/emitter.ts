import type { Clock } from '../contracts/clock.ts'
import type { EventBus } from '../contracts/event-bus.ts'
import type { BffEvent, BffEventDetail, Emit, Topic } from '../contracts/events.ts'
import { BffError } from './bff-error.ts'
import { guarded } from './sink.ts'
import { within } from './within.ts'

const isTopic = (type: string): type is Topic =>
  /^(auth\.logout|session\.(created|revoked|refreshed|expired))$/.test(type)

/** How long a closing BFF waits for the bus. */
const CLOSE_MS = 5_000

export interface Emitter {
  readonly emit: Emit
  /** Resolves when the bus has taken every event. What it does not take in time is reported as `bus.failed`. */
  close(): Promise<void>
}

/**
 * Adds the time to events, passes them to the app's sink and publishes those with a topic on the bus. A failure there does
 * not reach the request (LOG-05); bus failures are counted and reported.
 */
export function createEmitter(clock: Clock, bus: EventBus, sink: (event: BffEvent) => void): Emitter {
  const publishing = new Map<Promise<void>, Topic>()
  let failures = 0
  const tell = guarded(sink)

  function fail(one: Promise<void>, cause: unknown): void {
    const topic = publishing.get(one)
    if (topic === undefined) return
    publishing.delete(one)
    emit({ type: 'bus.failed', topic, failures: ++failures, cause })
  }

  function emit(detail: BffEventDetail): void {
    const event: BffEvent = { ...detail, at: clock.now() }
    tell(event)
    const topic = event.type
    if (!isTopic(topic)) return
    // A bus may throw before it returns a promise.
    const publish = async () => bus.publish(topic, event)
    const one: Promise<void> = publish().then(
      () => void publishing.delete(one),
      (cause) => fail(one, cause),
    )
    publishing.set(one, topic)
  }

  return {
    emit,
    async close() {
      const taken = async () => void (await Promise.allSettled(publishing.keys()))
      await within(clock, CLOSE_MS, taken, () => {})
      for (const one of publishing.keys())
        fail(
          one,
          new BffError('shutting_down', 'The event bus did not take the event in time. Check its backend.'),
        )
    },
  }
}
