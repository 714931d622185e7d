import { PassThrough } from 'node:stream'
import {
  BffError,
  type BffEvent,
  type Clock,
  isExpired,
  type SessionHandle,
  type Stores,
  type Topic,
} from '@bff/core'
import type { FastifyBff } from '@bff/fastify'
import type { FastifyInstance } from 'fastify'

const HEARTBEAT_MS = 15_000
const TOPICS: readonly Topic[] = ['session.created', 'session.revoked', 'session.expired']

interface Listener {
  readonly handle: SessionHandle
  readonly userId: string
  readonly stream: PassThrough
}

export interface SessionEventsOptions {
  readonly store: Stores
  readonly clock: Clock
}

/**
 * `GET /demo/events`: server-sent events that tell a page at once when its session has ended (`ended`, the last one, with
 * the reason code of the revocation or `expired`), or when its user's other sessions changed (`changed`). The bus may
 * lose a message, so every heartbeat asks the store.
 */
export function addSessionEvents(
  app: FastifyInstance,
  { requireSession, sessionOf }: FastifyBff,
  { store, clock }: SessionEventsOptions,
): void {
  const listeners = new Set<Listener>()
  let subscribed: Promise<ReadonlyArray<() => Promise<void>>> | null = null

  function end(listener: Listener, reason: string): void {
    if (listeners.delete(listener)) listener.stream.end(message('ended', { reason }))
  }

  function hear(event: BffEvent): void {
    if (!('handle' in event && 'userId' in event)) return
    for (const listener of listeners) {
      if (listener.handle === event.handle) {
        if (event.type !== 'session.created')
          end(listener, event.type === 'session.revoked' ? event.reasonCode : 'expired')
      } else if (listener.userId === event.userId) listener.stream.write(message('changed', {}))
    }
  }

  function subscribe(): Promise<unknown> {
    subscribed ??= Promise.all(TOPICS.map((topic) => store.events.subscribe(topic, hear))).catch((cause) => {
      subscribed = null
      throw cause instanceof BffError ? cause : new BffError('store_unavailable', undefined, { cause })
    })
    return subscribed
  }

  async function check(listener: Listener): Promise<void> {
    const record = await store.sessions.get(listener.handle)
    if (record === null || isExpired(record, clock.now())) end(listener, 'expired')
    else if (record.revocation !== null) end(listener, record.revocation.reasonCode)
  }

  const heartbeat = setInterval(() => {
    for (const listener of listeners) {
      listener.stream.write(': still here\n\n')
      // While the store does not answer nobody is signed out.
      check(listener).catch(() => {})
    }
  }, HEARTBEAT_MS)

  app.get('/demo/events', { onRequest: requireSession() }, async (request, reply) => {
    const session = sessionOf(request)
    await subscribe()
    const stream = new PassThrough()
    const listener = { handle: session.handle, userId: session.userId, stream }
    listeners.add(listener)
    stream.once('close', () => listeners.delete(listener))
    stream.write(': listening\n\n')
    // It may have ended while this began to listen.
    await check(listener)
    return reply
      .header('content-type', 'text/event-stream')
      .header('cache-control', 'no-store')
      .header('x-accel-buffering', 'no')
      .send(stream)
  })

  // Before connections are closed and the store with them.
  app.addHook('preClose', async () => {
    clearInterval(heartbeat)
    for (const { stream } of listeners) stream.end()
    const subscriptions = await subscribed?.catch(() => [])
    await Promise.all((subscriptions ?? []).map((unsubscribe) => unsubscribe().catch(() => {})))
  })
}

const message = (event: string, data: object) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
