import { createHash } from 'node:crypto'
import { type ClientRequest, type IncomingMessage, request as plainRequest } from 'node:http'
import { request as tlsRequest } from 'node:https'
import type { Socket } from 'node:net'
import { type ConnectionOptions, TLSSocket } from 'node:tls'
import { BffError } from '@bff/core'
import type { UpstreamRequest, UpstreamResponse } from '@bff/core/proxy'
import { bytesFrom, pour } from './bytes-of.ts'
import { failure, pairsOf, responseOf } from './upstream-response.ts'

/** The WebSockets of one transport. */
export interface WebSocketUpstream {
  /** The `upgrade` of an `Upstream`. */
  open(request: UpstreamRequest): Promise<UpstreamResponse>
  /** Closes all open WebSockets at once. */
  close(): void
}

/** After how many milliseconds without data the system probes the other side. */
export const KEEP_ALIVE_MS = 30_000

/** Opens WebSockets, each on its own connection, and relays the bytes after the handshake without reading them. */
export function webSocketUpstream(connectTimeoutMs: number, tls: ConnectionOptions): WebSocketUpstream {
  const sockets = new Set<Socket>()
  return {
    async open(request) {
      const { signal, headersTimeoutMs } = request
      if (signal.aborted) throw signal.reason
      const call = callOf(request, tls)
      const abort = () => call.destroy()
      signal.addEventListener('abort', abort, { once: true })
      const late = () => call.destroy(new BffError('upstream_timeout'))
      const timer = headersTimeoutMs > 0 ? setTimeout(late, headersTimeoutMs) : undefined
      const connecting = connectTimeoutMs > 0 ? setTimeout(late, connectTimeoutMs) : undefined
      call.once('socket', (socket) => {
        const connected = socket instanceof TLSSocket ? 'secureConnect' : 'connect'
        socket.once(connected, () => clearTimeout(connecting))
      })
      try {
        const answer = await answerOf(call)
        if (!('socket' in answer)) {
          const { response } = answer
          return responseOf(request, response.statusCode ?? 0, response.rawHeaders, response)
        }
        const { response, socket } = answer
        sockets.add(socket.once('close', () => sockets.delete(socket)))
        if (!accepts(request, response)) {
          socket.destroy()
          throw new BffError(
            'upstream_unavailable',
            'The API accepted the handshake, but it is not a WebSocket server.',
          )
        }
        return { status: 101, headers: pairsOf(response.rawHeaders), body: relayed(request, socket) }
      } catch (error) {
        throw failure(error, signal)
      } finally {
        clearTimeout(timer)
        clearTimeout(connecting)
      }
    },
    close() {
      for (const socket of sockets) socket.destroy()
    },
  }
}

function callOf({ url, headers }: UpstreamRequest, tls: ConnectionOptions): ClientRequest {
  // The path goes out as it is: a URL parser would resolve and re-encode it.
  const end = url.indexOf('/', url.indexOf('://') + 3)
  const { protocol, hostname, port } = new URL(end < 0 ? url : url.slice(0, end))
  const send = protocol === 'https:' ? tlsRequest : plainRequest
  return send({
    host: hostname.replace(/^\[|\]$/g, ''),
    ...(port !== '' && { port }),
    path: end < 0 ? '/' : url.slice(end),
    headers: { ...Object.fromEntries(headers), connection: 'Upgrade', upgrade: 'websocket' },
    agent: false,
    ...(protocol === 'https:' && tls),
  }).end()
}

type Answer = { readonly response: IncomingMessage; readonly socket?: Socket }

function answerOf(call: ClientRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    call.on('error', reject)
    call.once('response', (response) => resolve({ response }))
    call.once('upgrade', (response, socket, head) => {
      if (head.byteLength > 0) socket.unshift(head)
      resolve({ response, socket })
    })
  })
}

/** Whether the API has accepted the handshake (RFC 6455 §4.1), and is not misused as a tunnel. */
function accepts(request: UpstreamRequest, { headers }: IncomingMessage): boolean {
  const key = request.headers.find(([name]) => name === 'sec-websocket-key')?.[1] ?? ''
  const expected = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
  return headers.upgrade?.toLowerCase() === 'websocket' && headers['sec-websocket-accept'] === expected
}

/** Both ways from here on: the client's bytes to the API, and the API's as the body of its answer. */
function relayed({ body, signal }: UpstreamRequest, socket: Socket): AsyncIterable<Uint8Array> {
  socket.on('error', () => {})
  socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS)
  const fromClient = body === null || body instanceof Uint8Array ? null : body[Symbol.asyncIterator]()
  const fromApi = bytesFrom(socket)[Symbol.asyncIterator]()
  socket.once('close', () => void fromClient?.return?.())
  if (signal.aborted) socket.destroy()
  signal.addEventListener('abort', () => socket.destroy(), { once: true })
  if (fromClient !== null) {
    pour(fromClient, socket).then(
      () => socket.end(),
      () => socket.destroy(),
    )
  }
  return {
    [Symbol.asyncIterator]: () => ({
      async next() {
        try {
          return await fromApi.next()
        } catch (error) {
          throw failure(error, signal)
        }
      },
      async return() {
        socket.destroy()
        return { done: true, value: undefined }
      },
    }),
  }
}
