import type { EventBus } from '../contracts/event-bus.ts'
import type { BffEvent, Topic } from '../contracts/events.ts'

/** Makes an {@link EventBus} within one process, for a single instance and for tests. */
export function inProcessEventBus(): EventBus {
  const subscriptions = new Map<Topic, Set<{ handler: (event: BffEvent) => void }>>()
  return {
    async publish(topic, event) {
      const handlers = [...(subscriptions.get(topic) ?? [])]
      // EB-04: a subscriber that throws or rejects must not affect others. Waited for, so that `bff.close()` does.
      await Promise.allSettled(handlers.map(({ handler }) => deliver(handler, event)))
    },
    async subscribe(topic, handler) {
      const subscription = { handler }
      const ofTopic = subscriptions.get(topic) ?? new Set()
      subscriptions.set(topic, ofTopic.add(subscription))
      return async () => {
        ofTopic.delete(subscription)
      }
    },
  }
}

async function deliver(handler: (event: BffEvent) => void, event: BffEvent): Promise<void> {
  return handler(structuredClone(event))
}
