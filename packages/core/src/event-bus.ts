import type { BffEvent, EventBus, Topic } from './events.ts'

/** An {@link EventBus} within one process: for a single instance, and for tests. */
export function inProcessEventBus(): EventBus {
  const subscriptions = new Map<Topic, Set<{ handler: (event: BffEvent) => void }>>()
  return {
    async publish(topic, event) {
      for (const { handler } of [...(subscriptions.get(topic) ?? [])]) {
        try {
          handler(structuredClone(event))
        } catch {
          // EB-04: a subscriber's fault is its own.
        }
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
