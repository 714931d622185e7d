import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { BffError, type RequestView } from '@bff/core'
import { bytesOf } from './bytes-of.ts'

/**
 * A `node:http` request as the pipeline sees it, before every body parser.
 *
 * Creating one only sets its fields; everything else is computed on first use.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http'
 * import type { Bff } from '@bff/core'
 * import { NodeRequestView, writeReply } from '@bff/node'
 *
 * export function whoAmI(bff: Bff) {
 *   return createServer(async (req, res) => {
 *     const session = await bff.getSession(new NodeRequestView(req, res))
 *     await writeReply({ status: 200, headers: [], body: session?.userId ?? 'nobody' }, res)
 *   })
 * }
 * ```
 */
export class NodeRequestView implements RequestView {
  readonly #req: IncomingMessage
  readonly #res: ServerResponse
  readonly #target: string | undefined
  #signal: AbortSignal | undefined
  #bodyTaken = false

  /**
   * `res` must be the response to `req`: it shows whether the client disconnected before the end.
   *
   * @param target the target as sent, for frameworks that rewrite `url` and keep it elsewhere. @default `originalUrl` or `url`
   * of `req`
   */
  constructor(req: IncomingMessage, res: ServerResponse, target?: string) {
    this.#req = req
    this.#res = res
    this.#target = target
  }

  get method(): string {
    return this.#req.method ?? ''
  }

  /** The target as sent, also when Express or Fastify rewrote `url` and kept `originalUrl`. */
  get target(): string {
    if (this.#target !== undefined) return this.#target
    const req = this.#req
    if ('originalUrl' in req && typeof req.originalUrl === 'string') return req.originalUrl
    return req.url ?? ''
  }

  /** The `:authority` of HTTP/2. */
  get host(): string | undefined {
    const authority: unknown = this.#req.headers[':authority']
    return typeof authority === 'string' ? authority : undefined
  }

  get remoteAddress(): string | undefined {
    const { socket }: { socket?: Socket } = this.#req
    return socket?.remoteAddress
  }

  get signal(): AbortSignal {
    if (this.#signal === undefined) {
      const controller = new AbortController()
      this.#signal = controller.signal
      onceClientLeaves(this.#res, () => controller.abort())
    }
    return this.#signal
  }

  onDisconnect(leave: () => void): () => void {
    return onceClientLeaves(this.#res, leave)
  }

  header(name: string): string | undefined {
    const value: unknown = this.#req.headers[name]
    if (Array.isArray(value)) return value.join(', ')
    // Of two hosts Node keeps the first, and a server in front may have chosen by the second (RFC 9112 §3.2).
    if (name === 'host' && typeof value === 'string') return hostsIn(this.#req.rawHeaders) ?? value
    // A name such as `constructor` finds what every object inherits.
    return typeof value === 'string' ? value : undefined
  }

  *headers(): Generator<readonly [name: string, value: string]> {
    const raw = this.#req.rawHeaders
    for (let at = 0; at + 1 < raw.length; at += 2) yield [String(raw[at]).toLowerCase(), String(raw[at + 1])]
  }

  /**
   * Returns the bytes of the request's own stream. An iteration that stops early keeps the connection open, so that a refusal
   * can be sent.
   *
   * @throws BffError `body_consumed`
   */
  body(): AsyncIterable<Uint8Array> | undefined {
    const req = this.#req
    const { 'content-length': length, 'transfer-encoding': encoding } = req.headers
    if (encoding === undefined && (length === undefined || Number(length) === 0)) return undefined
    if (this.#bodyTaken || req.readableDidRead || req.readableEnded) throw new BffError('body_consumed')
    this.#bodyTaken = true
    return bytesOf(req)
  }
}

/** Returns the values of all `Host` headers in one, or `null` when there are not several. */
function hostsIn(raw: readonly string[]): string | null {
  const hosts = raw.filter(
    (_, at) => at % 2 === 1 && raw[at - 1]?.length === 4 && raw[at - 1]?.toLowerCase() === 'host',
  )
  return hosts.length > 1 ? hosts.join(', ') : null
}

const leaving = new WeakMap<Socket, Set<() => void>>()

const ignore = () => {}

/**
 * Calls `leave` when the connection closes before the response is finished, and at once when it is already closed. Returns a
 * function that stops watching.
 */
export function onceClientLeaves(res: ServerResponse, leave: () => void): () => void {
  const closed = () => {
    stop()
    if (!res.writableFinished) leave()
  }
  let unwatch = ignore
  const stop = () => {
    res.off('close', closed)
    unwatch()
  }
  // Most responses have their turn and an open connection: their own event is enough.
  if (res.socket?.destroyed !== false) {
    if (res.writableFinished) return ignore
    const socket = socketOf(res)
    if (socket?.destroyed || res.closed) {
      leave()
      return ignore
    }
    if (socket !== null && res.socket === null) unwatch = beforeItsTurn(socket, closed)
  }
  res.once('close', closed)
  return stop
}

/**
 * A pipelined response has no `close` of its own before its turn, so its socket is watched too: by one listener.
 *
 * Most responses never need the set. In a set that lives as long as its connection, each request would leave tables in
 * the old generation that keep it, its body included, until the next full collection.
 */
function beforeItsTurn(socket: Socket, closed: () => void): () => void {
  const waiting = leaving.get(socket) ?? watch(socket)
  waiting.add(closed)
  return () => waiting.delete(closed)
}

/**
 * The connection of a response; `null` under hosts that make requests of events, such as serverless-express: they have
 * none, or an object in its place that emits nothing.
 */
export function socketOf({ req }: { readonly req: { readonly socket?: Socket } }): Socket | null {
  const { socket } = req
  return typeof socket?.once === 'function' ? socket : null
}

function watch(socket: Socket): Set<() => void> {
  const waiting = new Set<() => void>()
  leaving.set(socket, waiting)
  socket.once('close', () => {
    for (const leave of waiting) {
      waiting.delete(leave)
      leave()
    }
  })
  return waiting
}
