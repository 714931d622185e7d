import type { EventEmitter } from 'node:events'
import { type IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { BffError, isBffError, type Reply, type ServedBff } from '@bff/core'
import { bytesFrom, drained, onceEnded } from './bytes-of.ts'
import { NodeRequestView } from './request-view.ts'
import { closeFrame, WebSocketFrames } from './web-socket-frames.ts'
import { KEEP_ALIVE_MS } from './web-socket-upstream.ts'
import { deliverReply } from './write-reply.ts'

/** The WebSockets of a server. */
export interface WebSocketRelay {
  /**
   * Accepts no more WebSockets, and closes the open ones with close code 1001. Call it before `server.close()`, which waits
   * for open WebSockets.
   */
  close(): void
}

type End = (code: number, reason: string) => void

/** The `upgrade` listeners of all relays, and the requests that they handle: a server may have one relay for each BFF. */
const relays = new WeakSet<object>()
const taken = new WeakSet<Socket>()

const GOING_AWAY = 'going_away'

/** How long a client may take to close its side after the server, in milliseconds. */
const CLOSING_MS = 1_000

/**
 * Relays WebSockets to the APIs whose proxy routes have `webSocket: true`.
 *
 * A handshake goes through the whole pipeline of the BFF: rate limits, the `Origin` as the CSRF check (CSR-13), the session,
 * and the access token on its way to the API. It relays frames without reading them. A WebSocket closes with close code 4401
 * and the reason `invalid_session` or `session_expired` within five seconds of its session's end (RFC 6455 §7.4.2, PRX-19),
 * with 1001 and `going_away` when its frontend of several is removed, and without a close frame when the API's connection
 * breaks. Handshakes to other paths go to the server's other `upgrade`
 * listeners; without one they answer 404.
 *
 * @param server the server from `http.createServer()`, Express' `app.listen()` or Fastify's `app.server`
 * @example
 * ```ts
 * import { createServer } from 'node:http'
 * import type { Bff } from '@bff/core'
 * import { nodeListener, relayWebSockets } from '@bff/node'
 *
 * export function serve(bff: Bff) {
 *   const server = createServer(nodeListener(bff)).listen(3000)
 *   const webSockets = relayWebSockets(server, bff)
 *   process.once('SIGTERM', () => {
 *     webSockets.close()
 *     server.close(() => void bff.close())
 *   })
 * }
 * ```
 */
export function relayWebSockets(
  server: EventEmitter,
  bff: Pick<ServedBff<unknown>, 'handle' | 'errorReply' | 'bffFor'>,
): WebSocketRelay {
  const open = new Set<End>()
  let closing = false

  function onUpgrade(req: IncomingMessage, socket: Socket, head: Uint8Array): void {
    const res = new ServerResponse(req)
    // Endpoints such as sign-in need a normal request, with the headers for their checks.
    const view = new UpgradeRequestView(req, res, socket)
    const basePath = bff.bffFor(view)?.options.basePath ?? ''
    const found = basePath !== '' && `${req.url}/`.startsWith(`${basePath}/`) ? undefined : bff.handle(view)
    if (found === undefined && (taken.has(socket) || !isLast())) return
    taken.add(socket)
    if (head.byteLength > 0) socket.unshift(head)
    socket.on('error', () => {})
    socket.setTimeout(0)
    res.assignSocket(socket)
    answer(found ?? bff.errorReply(new BffError('not_found')), res, socket).catch(() => socket.destroy())
  }

  /** Whether no other listener can handle a request that no relay has handled. */
  function isLast(): boolean {
    const listeners = server.listeners('upgrade')
    return listeners.at(-1) === onUpgrade && listeners.every((listener) => relays.has(listener))
  }

  async function answer(
    promised: Reply | Promise<Reply>,
    res: ServerResponse,
    socket: Socket,
  ): Promise<void> {
    const stopListening = onceEnded(socket, () => socket.destroy())
    const reply = await promised
    stopListening()
    const { status, body, signal } = reply
    const switched =
      status === 101 && body !== null && typeof body === 'object' && Symbol.asyncIterator in body
    if (switched && !socket.destroyed) {
      switchProtocols(reply, res, socket)
      relay(body[Symbol.asyncIterator](), signal, socket)
      return
    }
    res.shouldKeepAlive = false
    res.once('finish', () => close(socket, ''))
    await deliverReply(bff, reply, res)
  }

  function relay(chunks: AsyncIterator<Uint8Array>, signal: AbortSignal | undefined, socket: Socket): void {
    const frames = new WebSocketFrames()
    let ending = false
    const end: End = (code, reason) => {
      if (ending) return
      ending = true
      if (frames.between) close(socket, closeFrame(code, reason))
      else socket.destroy()
      chunks.return?.().catch(() => {})
    }
    open.add(end)
    socket.once('close', () => open.delete(end))
    const sessionOver = () => {
      const { reason }: { reason: unknown } = signal ?? { reason: null }
      if (isBffError(reason) && reason.status === 401) end(4401, reason.code)
    }
    if (signal?.aborted) sessionOver()
    signal?.addEventListener('abort', sessionOver, { once: true })
    if (closing) end(1001, GOING_AWAY)
    pass(chunks, frames, socket).then(
      () => ending || close(socket, ''),
      (error) => {
        if (isBffError(error, 'shutting_down')) end(1001, GOING_AWAY)
        else if (!ending) socket.destroy()
      },
    )
  }

  relays.add(onUpgrade)
  server.on('upgrade', onUpgrade)
  return {
    close() {
      closing = true
      server.off('upgrade', onUpgrade)
      for (const end of open) end(1001, GOING_AWAY)
    },
  }
}

class UpgradeRequestView extends NodeRequestView {
  readonly upgrade = true
  readonly #socket: Socket

  constructor(req: IncomingMessage, res: ServerResponse, socket: Socket) {
    super(req, res)
    this.#socket = socket
  }

  override body(): AsyncIterable<Uint8Array> {
    return bytesFrom(this.#socket)
  }
}

function switchProtocols({ headers }: Reply, res: ServerResponse, socket: Socket): void {
  for (const [name, value] of headers) res.appendHeader(name, value)
  res.setHeader('connection', 'Upgrade').setHeader('upgrade', 'websocket')
  res.writeHead(101).flushHeaders()
  res.detachSocket(socket)
  socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS)
}

async function pass(
  chunks: AsyncIterator<Uint8Array>,
  frames: WebSocketFrames,
  socket: Socket,
): Promise<void> {
  for (let next = await chunks.next(); next.done !== true && socket.writable; next = await chunks.next()) {
    const ready = frames.push(next.value)
    if (ready.byteLength > 0 && !socket.write(ready)) await drained(socket)
  }
}

/** Sends the last bytes and closes. It closes the connection of a client that does not do the same. */
function close(socket: Socket, last: Uint8Array | string): void {
  socket.resume().end(last)
  const timer = setTimeout(() => socket.destroy(), CLOSING_MS)
  socket.once('close', () => clearTimeout(timer))
}
