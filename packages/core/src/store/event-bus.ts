import type { EventBus } from '../contracts/event-bus.ts'
import type { BffEvent, Topic } from '../contracts/events.ts'

/** Makes an {@link EventBus} within one process, for a single instance and for tests. */
export function inProcessEventBus(): EventBus {
  const subscriptions = new Map<Topic, Set<{ handler: (event: BffEvent) => void }>>()
  return {
    async publish(topic, event) {
      for (const { handler } of [...(subscriptions.get(topic) ?? [])]) {
        // EB-04: a subscriber that throws or rejects must not affect others.
        deliver(handler, event).catch(() => {})
      }
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
