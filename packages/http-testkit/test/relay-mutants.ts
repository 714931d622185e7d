import type { Duplex } from 'node:stream'
import { closeFrame, type RelaySteps, referenceRelay } from './reference-relay.ts'

/** A relay for WebSockets with one fault, and the laws that must see it. */
export interface RelayMutant {
  readonly fault: string
  readonly laws: readonly string[]
  readonly steps: Partial<RelaySteps>
}

const isCloseFrame = (chunk: Uint8Array) => chunk[0] === 0x88

export const RELAY_MUTANTS: readonly RelayMutant[] = [
  {
    fault: 'takes frames for text',
    laws: ['WS-01'],
    steps: {
      pump: async (body, socket) => {
        for await (const chunk of body) socket.write(Buffer.from(chunk).toString())
        socket.end()
      },
    },
  },
  {
    fault: 'forgets what client and API agreed on',
    laws: ['WS-02'],
    steps: {
      reply: ({ headers, ...reply }) => ({
        ...reply,
        headers: headers.filter(([name]) => name !== 'sec-websocket-protocol'),
      }),
    },
  },
  {
    fault: 'writes faster than the page reads',
    laws: ['WS-03'],
    steps: {
      pump: async (body, socket) => {
        for await (const chunk of body) socket.write(chunk)
        socket.end()
      },
    },
  },
  {
    fault: 'vouches for the page itself',
    laws: ['WS-04'],
    steps: {
      header: (req, name) =>
        name === 'origin' ? 'https://app.example.com' : referenceRelay.header(req, name),
    },
  },
  {
    fault: 'refuses in a way of its own',
    laws: ['WS-05', 'WS-09'],
    steps: {
      reply: (reply) => (reply.status === 101 ? reply : { status: 400, headers: [], body: 'No.' }),
    },
  },
  {
    fault: 'believes what a client says about its address',
    laws: ['WS-06'],
    steps: { remoteAddress: (req) => String(req.headers['x-forwarded-for']) },
  },
  {
    fault: 'relays every path to one API',
    laws: ['WS-07'],
    steps: { target: ({ url = '' }) => url.replace(/^\/(?:open|api|app)\//, '/live/') },
  },
  {
    fault: 'reads a path out of targets of any form',
    laws: ['WS-08'],
    steps: { target: ({ url = '' }) => new URL(url, 'http://app').pathname },
  },
  {
    fault: 'closes in its own words',
    laws: ['WS-10'],
    steps: {
      pump: async (body, socket) => {
        for await (const chunk of body) socket.write(isCloseFrame(chunk) ? closeFrame(1000, '') : chunk)
        socket.end()
      },
    },
  },
  {
    fault: 'closes cleanly where the API broke off',
    laws: ['WS-10'],
    steps: {
      pump: async (body, socket) => {
        for await (const chunk of body) socket.write(chunk)
        socket.end(closeFrame(1000, ''))
      },
    },
  },
  {
    fault: 'leaves a WebSocket open that has lost its session',
    laws: ['WS-11', 'WS-12'],
    steps: { over: () => {} },
  },
  {
    fault: 'cuts a WebSocket that has lost its session without a word',
    laws: ['WS-11', 'WS-12'],
    steps: { over: (socket: Duplex) => void socket.destroy() },
  },
]
