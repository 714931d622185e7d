import { type BffEvent, isExpired, type PluginFactory, type SessionHandle, type Topic } from '@bff/core'

const HEARTBEAT_MS = 15_000
const TOPICS: readonly Topic[] = ['session.created', 'session.revoked', 'session.expired']

interface Listener {
  readonly handle: SessionHandle
  readonly userId: string
  readonly stream: ReadableStreamDefaultController<Uint8Array>
}

const encoder = new TextEncoder()
const message = (event: string, data: object) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`

/**
 * `GET /bff/events`: server-sent events that tell a page at once when its session has ended (`ended`, the last one, with the
 * reason code), or when its user's other sessions changed (`changed`). The bus may lose a message, so every heartbeat asks
 * the store.
 */
export const sessionEvents: PluginFactory = ({ options, requests, stores, clock }) => {
  const listeners = new Set<Listener>()
  let subscribed: Promise<unknown> | null = null

  const write = ({ stream }: Listener, text: string) => stream.enqueue(encoder.encode(text))

  function end(listener: Listener, reason: string): void {
    if (!listeners.delete(listener)) return
    write(listener, message('ended', { reason }))
    listener.stream.close()
  }

  function hear(event: BffEvent): void {
    if (!('handle' in event && 'userId' in event)) return
    for (const listener of listeners) {
      if (listener.handle === event.handle) {
        if (event.type !== 'session.created')
          end(listener, event.type === 'session.revoked' ? event.reasonCode : 'session_expired')
      } else if (listener.userId === event.userId) write(listener, message('changed', {}))
    }
  }

  async function check(listener: Listener): Promise<void> {
    const record = await stores.sessions.get(listener.handle)
    if (record === null || isExpired(record, clock.now())) end(listener, 'session_expired')
    else if (record.revocation !== null) end(listener, record.revocation.reasonCode)
  }

  async function listen(): Promise<void> {
    const subscriptions = TOPICS.map((topic) => stores.events.subscribe(topic, hear))
    await Promise.all(subscriptions)
    const heartbeat = setInterval(() => {
      for (const listener of listeners) {
        write(listener, ': still here\n\n')
        // While the store does not answer nobody is signed out.
        check(listener).catch(() => {})
      }
    }, HEARTBEAT_MS)
    heartbeat.unref()
  }

  function subscribe(): Promise<unknown> {
    subscribed ??= listen().catch((error: unknown) => {
      subscribed = null
      throw error
    })
    return subscribed
  }

  return {
    endpoints: {
      [`${options.basePath}/events`]: {
        methods: {
          GET: async (request) => {
            const { handle, userId } = await requests.require(request)
            await subscribe()
            let listener: Listener | null = null
            const body = new ReadableStream<Uint8Array>({
              start: (stream) => {
                listener = { handle, userId, stream }
                listeners.add(listener)
                write(listener, ': listening\n\n')
                // It may have ended while this began to listen.
                check(listener).catch(() => {})
              },
              cancel: () => {
                if (listener !== null) listeners.delete(listener)
              },
            })
            const headers = [
              ['content-type', 'text/event-stream'],
              ['cache-control', 'no-store'],
              ['x-accel-buffering', 'no'],
            ] as const
            return { status: 200, headers, body }
          },
        },
      },
    },
    close: async () => {
      for (const { stream } of listeners) stream.close()
      listeners.clear()
    },
  }
}
