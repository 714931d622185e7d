import type { Clock } from '../contracts/clock.ts'
import type { EventBus } from '../contracts/event-bus.ts'
import type { BffEvent, BffEventDetail, Emit, Topic } from '../contracts/events.ts'
import { guarded } from './sink.ts'

const isTopic = (type: string): type is Topic =>
  /^(auth\.logout|session\.(created|revoked|refreshed|expired))$/.test(type)

/**
 * Adds the time to events, passes them to the app's sink and publishes those with a topic on the bus. A failure there does
 * not reach the request (LOG-05); bus failures are counted and reported.
 */
export function createEmitter(clock: Clock, bus: EventBus, sink: (event: BffEvent) => void): Emit {
  let busFailures = 0
  const tell = guarded(sink)
  const emit: Emit = (detail: BffEventDetail) => {
    const event: BffEvent = { ...detail, at: clock.now() }
    tell(event)
    const topic = event.type
    if (!isTopic(topic)) return
    const failed = (cause: unknown) => emit({ type: 'bus.failed', topic, failures: ++busFailures, cause })
    try {
      bus.publish(topic, event).catch(failed)
    } catch (cause) {
      failed(cause)
    }
  }
  return emit
}
