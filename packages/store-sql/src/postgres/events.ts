import { BffError, type BffEvent, type EventBus, type Topic } from '@bff/core'
import { inProcessEventBus } from '@bff/core/store'
import type { Database } from '../store/database.ts'

/** The part of postgres.js that the bus uses. */
export interface PostgresListener {
  listen(channel: string, onNotify: (payload: string) => void): Promise<{ unlisten(): Promise<void> }>
  unsafe(statement: string, parameters: string[]): PromiseLike<unknown>
}

export interface PostgresEvents extends EventBus {
  /** Stops listening. */
  close(): void
}

/** Postgres refuses longer payloads. */
const MAX_BYTES = 7999

const NOTIFY = 'select pg_notify($1, payload) from json_array_elements_text($2::text::json) as payload'

interface Message {
  readonly topic: Topic
  readonly event: BffEvent
  readonly payload: string
}

/**
 * Makes an event bus over LISTEN/NOTIFY: at most once, to the processes that listen at that moment. postgres.js keeps a
 * separate connection for it, and listens again after it was lost. With another driver (`listener` is null) events stay in
 * this process.
 */
export function postgresEvents(
  database: Database,
  connect: () => Promise<{ readonly listener: PostgresListener | null }>,
  channel: string,
): PostgresEvents {
  const local = inProcessEventBus()
  let listening: Promise<{ unlisten(): Promise<void> } | null> | null = null
  let closed = false

  const listen = () => {
    // An attempt that failed may come alive later within postgres.js: by then another has taken its place.
    let failed = false
    const onNotify = (payload: string) => {
      const message = failed || closed ? null : parse(payload)
      if (message !== null) void local.publish(message.topic, message.event)
    }
    return database
      .run(async () => (await connect()).listener?.listen(channel, onNotify) ?? null)
      .catch((error: unknown) => {
        failed = true
        listening = null
        throw error
      })
  }

  const publish = together((messages: readonly Message[]) =>
    database.run(async () => {
      const { listener } = await connect()
      if (listener === null)
        await Promise.all(messages.map(({ topic, event }) => local.publish(topic, event)))
      else await listener.unsafe(NOTIFY, [channel, JSON.stringify(messages.map(({ payload }) => payload))])
    }),
  )

  return {
    async publish(topic, event) {
      const payload = JSON.stringify({ topic, event })
      if (Buffer.byteLength(payload) > MAX_BYTES) {
        throw new BffError('invalid_argument', `An event on Postgres must have at most ${MAX_BYTES} bytes.`)
      }
      await publish({ topic, event, payload })
    },
    async subscribe(topic, handler) {
      listening ??= listen()
      await listening
      return local.subscribe(topic, handler)
    },
    close() {
      closed = true
      // Not waited for: the server may be away.
      listening?.then((subscription) => subscription?.unlisten()).catch(() => {})
    },
  }
}

/**
 * Sends what comes in one turn of the event loop together: the sessions of one user may be thousands, and as many statements would
 * take the places of all other operations that may wait.
 */
function together<Item>(send: (items: readonly Item[]) => Promise<void>): (item: Item) => Promise<void> {
  let batch: { readonly items: Item[]; readonly sent: Promise<void> } | null = null
  return (item) => {
    if (batch === null) {
      const items: Item[] = []
      const sent = Promise.resolve().then(() => {
        batch = null
        return send(items)
      })
      batch = { items, sent }
    }
    batch.items.push(item)
    return batch.sent
  }
}

/** Returns `null` for a foreign message: any client may notify on a channel. */
function parse(payload: string): { topic: Topic; event: BffEvent } | null {
  try {
    const message: unknown = JSON.parse(payload)
    if (typeof message !== 'object' || message === null) return null
    if (!('topic' in message && 'event' in message)) return null
    return message as { topic: Topic; event: BffEvent }
  } catch {
    return null
  }
}
