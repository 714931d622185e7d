import { Readable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ApiError } from './api-error.ts'
import { type Caller, requireScope } from './authenticate.ts'
import { createOrderBook, type NewOrder } from './orders.ts'
import { csvOf, feedOf } from './streams.ts'

export const SCOPE = 'orders'
const EXPORT_ROWS = 50_000
const TICK_MS = 1_000
const MAX_DELAY_MS = 60_000

declare module 'fastify' {
  interface FastifyRequest {
    /** `null` until the request is authenticated. */
    caller: Caller | null
  }
}

const newOrderSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['item', 'quantity'],
  properties: {
    item: { type: 'string', minLength: 1, maxLength: 100, pattern: '\\S' },
    quantity: { type: 'integer', minimum: 1, maximum: 99 },
  },
} as const

export function addRoutes(app: FastifyInstance, now: () => number): void {
  const book = createOrderBook()

  app.get('/orders', async (request) => book.of(ownerOf(request)))

  app.post<{ Body: NewOrder }>('/orders', { schema: { body: newOrderSchema } }, async (request, reply) => {
    const order = book.place(ownerOf(request), request.body, now())
    return reply.status(201).header('Location', `/orders/${order.id}`).send(order)
  })

  app.get<{ Params: { id: string } }>('/orders/:id', async (request) => {
    const order = book.find(ownerOf(request), request.params.id)
    if (order === null) throw new ApiError(404, 'not_found', 'You have no such order.')
    return order
  })

  app.get('/orders/export', async (request, reply) =>
    reply
      .type('text/csv; charset=utf-8')
      .header('Content-Disposition', 'attachment; filename="orders.csv"')
      .send(Readable.from(csvOf(ownerOf(request), EXPORT_ROWS), { objectMode: false })),
  )

  app.get('/orders/feed', async (request, reply) =>
    reply
      .type('text/event-stream')
      .header('X-Accel-Buffering', 'no')
      .send(Readable.from(feedOf(ownerOf(request), TICK_MS, untilGone(reply)), { objectMode: false })),
  )

  app.get('/whoami', async (request) => {
    const { sub, scopes, scheme } = callerOf(request)
    return { sub, scopes, scheme, headers: Object.keys(request.headers).sort() }
  })

  app.get<{ Querystring: { ms?: string } }>('/slow', async (request, reply) => {
    const ms = Number(request.query.ms ?? 0)
    if (!Number.isInteger(ms) || ms < 0 || ms > MAX_DELAY_MS) {
      throw new ApiError(400, 'invalid_request', `ms must be a whole number from 0 to ${MAX_DELAY_MS}.`)
    }
    const signal = untilGone(reply)
    // Nobody is there to read an answer once the wait is cut short.
    await setTimeout(ms, undefined, { signal }).catch(() => undefined)
    return { ms }
  })
}

function callerOf(request: FastifyRequest): Caller {
  if (request.caller === null) throw new Error('This route runs behind authentication.')
  return request.caller
}

function ownerOf(request: FastifyRequest): string {
  const caller = callerOf(request)
  requireScope(caller, SCOPE)
  return caller.sub
}

function untilGone(reply: FastifyReply): AbortSignal {
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  return gone.signal
}
