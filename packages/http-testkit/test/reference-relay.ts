import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { isBffError, type Reply, type RequestView, type ServedBff } from '@bff/core'
import type { ServedApp } from '../src/index.ts'
import { reference } from './reference-adapter.ts'

/** The steps of a relay for WebSockets, each of which a mutant can get wrong. */
export interface RelaySteps {
  readonly target: (req: IncomingMessage) => string
  readonly remoteAddress: (req: IncomingMessage) => string | undefined
  readonly header: (req: IncomingMessage, name: string) => string | undefined
  /** The reply as it goes out. */
  readonly reply: (reply: Reply) => Reply
  /** Passes what the API sends on to the page; rejects when it breaks off. */
  readonly pump: (body: AsyncIterable<Uint8Array>, socket: Duplex) => Promise<void>
  /** What the page gets when its session is over. */
  readonly over: (socket: Duplex, code: string) => void
}

/** A close frame of a server (RFC 6455 §5.5.1). */
export function closeFrame(code: number, reason: string): Buffer {
  const frame = Buffer.from(`\x88${String.fromCharCode(reason.length + 2)}\0\0${reason}`, 'latin1')
  frame.writeUInt16BE(code, 2)
  return frame
}

/** A relay for plain `node:http`, as short as the laws let it be: it takes every chunk for whole frames. */
export const referenceRelay: RelaySteps = {
  target: reference.target,
  remoteAddress: reference.remoteAddress,
  header: reference.header,
  reply: (reply) => reply,
  async pump(body, socket) {
    for await (const chunk of body)
      if (!socket.write(chunk))
        await new Promise((resolve) => socket.once('drain', resolve).once('close', resolve))
    socket.end()
  },
  over: (socket, code) => socket.end(closeFrame(4401, code)),
}

/** Serves a BFF whose WebSockets go through these steps. */
export async function serveRelay(steps: RelaySteps, bff: ServedBff): Promise<ServedApp> {
  const server = createServer((_req, res) => void res.writeHead(404).end())
  const open = new Set<Duplex>()
  server.on('upgrade', (req, socket, head) => {
    open.add(socket.on('error', () => {}))
    socket.unshift(head)
    relay(steps, bff, req, socket).catch(() => socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      for (const socket of open) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function relay(steps: RelaySteps, bff: ServedBff, req: IncomingMessage, socket: Duplex): Promise<void> {
  const client = new AbortController()
  socket.once('close', () => client.abort())
  const view: RequestView = {
    method: req.method ?? '',
    target: steps.target(req),
    remoteAddress: steps.remoteAddress(req),
    header: (name) => steps.header(req, name),
    headers: () => reference.headers(req),
    body: () => socket,
    signal: client.signal,
    upgrade: true,
  }
  const nothing = { status: 404, headers: [], body: null }
  const { status, headers, body, signal } = steps.reply(await (bff.handle(view) ?? nothing))
  const switching =
    status === 101
      ? [
          ['connection', 'Upgrade'],
          ['upgrade', 'websocket'],
        ]
      : [['connection', 'close']]
  const lines = [...switching, ...headers].map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(`HTTP/1.1 ${status} \r\n${lines.join('')}\r\n`)
  if (body === null || typeof body === 'string' || body instanceof Uint8Array) {
    socket.end(body ?? '')
    return
  }
  let ended = false
  signal?.addEventListener('abort', () => {
    if (!isBffError(signal.reason) || signal.reason.status !== 401) return
    ended = true
    steps.over(socket, signal.reason.code)
  })
  await steps.pump(body, socket).catch(() => ended || socket.destroy())
}
