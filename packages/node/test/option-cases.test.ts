import { readFileSync } from 'node:fs'
import { createServer as createTlsServer, type ServerOptions } from 'node:https'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import type { TLSSocket } from 'node:tls'
import { type BffErrorCode, isBffError } from '@bff/core'
import { testOptions } from '@bff/test-support/options'
import { onTestFinished, vi } from 'vitest'
import { type UndiciUpstreamOptions, undiciUpstream } from '../src/index.ts'
import { listen, nothing } from './harness.ts'

const pem = (name: string) => readFileSync(new URL(`tls/localhost.${name}.pem`, import.meta.url), 'utf8')
const [cert, key] = [pem('cert'), pem('key')]

/** A transport that tells what it gets: each answer, or the code of its failure. */
function client(options: UndiciUpstreamOptions) {
  const { send, upgrade = send, close } = undiciUpstream(options)
  onTestFinished(close)
  return async (url: string, asked: 'request' | 'handshake' = 'request'): Promise<string> => {
    const { signal } = new AbortController()
    const request = { method: 'GET', url, headers: [], body: null, signal, headersTimeoutMs: 0 }
    try {
      const { body } = await (asked === 'request' ? send(request) : upgrade(request))
      return await text(body ?? nothing)
    } catch (error) {
      return codeOf(error)
    }
  }
}

function codeOf(error: unknown): BffErrorCode {
  if (isBffError(error)) return error.code
  throw error
}

/** An API that answers with the number of connections it has seen, and leaves it to its client how long they last. */
async function countingApi(): Promise<string> {
  const sockets = new Set<Socket>()
  const { origin, server } = await listen((req, res) => {
    sockets.add(req.socket)
    res.end(String(sockets.size))
  })
  server.keepAliveTimeout = 0
  return origin
}

/** An API over TLS that answers with the name in its client's certificate; connections wait for `before`. */
async function tlsApi(options: ServerOptions = {}, before = async () => {}): Promise<string> {
  const api = createTlsServer({ cert, key, ...options }, (req, res) => {
    const { subject } = (req.socket as TLSSocket).getPeerCertificate()
    res.end(`hello ${subject?.CN ?? 'stranger'}`)
  })
  const door = createServer((socket) => {
    onTestFinished(() => void socket.destroy())
    socket.on('error', () => {})
    before().then(() => api.emit('connection', socket))
  })
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void door.close())
  return `https://localhost:${(door.address() as AddressInfo).port}/`
}

// undici keeps one timer for good: it has to be of this clock from the first connection on.
vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })

/** Lets time pass for the transport's timers: those of what is done by now, and for what they begin. */
async function advance(ms: number): Promise<void> {
  await turns()
  vi.advanceTimersByTime(ms)
  await turns()
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate)
}

/** What a request gets of an API over TLS, and what a WebSocket's handshake, which the API here only answers. */
async function overTls(options: UndiciUpstreamOptions, server?: ServerOptions): Promise<string[]> {
  const [url, get] = [await tlsApi(server), client(options)]
  return [await get(url), await get(url, 'handshake')]
}

const times = (seen: string, count: number) => Array<string>(count).fill(seen)

/** The same of an API that asks for the client's certificate. */
const overMutualTls = (options: UndiciUpstreamOptions) =>
  overTls({ ca: cert, ...options }, { requestCert: true, rejectUnauthorized: true, ca: cert }).catch(codeOf)

testOptions<UndiciUpstreamOptions>('UndiciUpstreamOptions', {
  connections: {
    set: 1,
    see: async (options) => {
      const origin = await countingApi()
      const get = client(options)
      await Promise.all([get(origin), get(origin), get(origin)])
      // undici uses a connection again one turn of the event loop after the response.
      await turns()
      return get(origin)
    },
    shows: ['3', '1'],
  },
  connectTimeoutMs: {
    set: 3_000,
    see: async (options) => {
      const seen: string[] = []
      const get = client({ ca: cert, ...options })
      // undici's timers are up to a second late.
      for (const ms of [2_500, 4_000, 9_500, 11_000])
        for (const asked of ['request', 'handshake'] as const)
          seen.push(await get(await tlsApi({}, () => advance(ms)), asked))
      return seen
    },
    shows: [
      [...times('hello stranger', 6), ...times('upstream_timeout', 2)],
      [...times('hello stranger', 2), ...times('upstream_timeout', 6)],
    ],
  },
  keepAliveTimeoutMs: {
    set: 1_000,
    see: async (options) => {
      const seen: string[] = []
      for (const ms of [999, 1_000, 3_999, 4_000]) {
        const origin = await countingApi()
        const get = client(options)
        await get(origin)
        await advance(ms)
        seen.push(await get(origin))
      }
      return seen
    },
    shows: [
      ['1', '1', '1', '2'],
      ['1', '2', '2', '2'],
    ],
  },
  ca: {
    set: cert,
    see: (options) => overTls(options),
    shows: [times('upstream_unavailable', 2), times('hello stranger', 2)],
  },
  cert: {
    set: cert,
    see: (options) => overMutualTls({ key, ...options }),
    shows: ['invalid_config', times('hello localhost', 2)],
  },
  key: {
    set: key,
    see: (options) => overMutualTls({ cert, ...options }),
    shows: ['invalid_config', times('hello localhost', 2)],
  },
})
