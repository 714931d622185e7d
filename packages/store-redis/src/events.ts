import type { BffEvent, EventBus, Topic } from '@bff/core'
import type { Connection } from './connection.ts'
import type { Keys } from './keys.ts'
import { PUBLISH } from './scripts.ts'

type Handler = (event: BffEvent) => unknown

/** Events over pub/sub. It subscribes again after every reconnect; events published in between are lost. */
export class RedisEventBus implements EventBus {
  readonly #connection: Connection
  readonly #keys: Keys
  /** What the app's own client adds to channels. */
  readonly #clientPrefix: string
  readonly #subscriptions = new Map<string, Set<{ readonly handler: Handler }>>()

  constructor(connection: Connection, keys: Keys, clientPrefix: string) {
    this.#connection = connection
    this.#keys = keys
    this.#clientPrefix = clientPrefix
  }

  async publish(topic: Topic, event: BffEvent): Promise<void> {
    const message = JSON.stringify(event)
    await this.#connection.script(PUBLISH, [this.#keys.channel(topic)], [this.#channel(topic), message])
  }

  async subscribe(topic: Topic, handler: (event: BffEvent) => void): Promise<() => Promise<void>> {
    const channel = this.#channel(topic)
    const subscription = { handler }
    const ofChannel = this.#subscriptions.get(channel) ?? new Set()
    this.#subscriptions.set(channel, ofChannel.add(subscription))
    try {
      await this.#connection.subscribe(channel, this.#receive)
    } catch (error) {
      ofChannel.delete(subscription)
      throw error
    }
    return async () => {
      ofChannel.delete(subscription)
    }
  }

  #channel(topic: Topic): string {
    return this.#clientPrefix + this.#keys.channel(topic)
  }

  readonly #receive = (channel: string, message: string): void => {
    for (const { handler } of [...(this.#subscriptions.get(channel) ?? [])]) {
      // EB-04: a subscriber's fault, or a message that is not an event, must not affect others.
      deliver(handler, message).catch(() => {})
    }
  }
}

async function deliver(handler: Handler, message: string): Promise<void> {
  await handler(JSON.parse(message))
}
