import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import type { FaultyConnection } from './harness.ts'
import { AT_ONCE, type PacedWriter, pacedWriter } from './relay.ts'

/** A connection to a server that can be made to fail; all of it works on the connections there are and on new ones. */
export interface FaultProxy extends FaultyConnection {
  readonly host: string
  readonly port: number
  /** What happened so far: a fault without any traffic proves nothing. */
  readonly counts: Readonly<FaultCounts>
  /** Delays each response by this many milliseconds, until `restore` sends the rest. */
  delay(ms: number): Promise<void>
  /** Sends responses one byte at a time with this many milliseconds between, until `restore` sends the rest. */
  drip(msPerByte: number): Promise<void>
  /**
   * Drops what either side sends, without an error, until `restore`. Connections from that time stay dead: only new
   * connections work.
   */
  blackhole(): Promise<void>
  /**
   * The open connections are dead permanently, without an error on either side, as when a firewall drops them. New ones
   * work.
   */
  dropSilently(): Promise<void>
  /** The server ends each connection there is; what the client still sends goes nowhere. New ones work. */
  halfClose(): Promise<void>
  /** Resets each connection there is, as a host does that has restarted: the client gets an error. New ones work. */
  reset(): Promise<void>
  /** Cuts the connection instead of passing on an answer for which `choose` says so, until `restore`. */
  cutWhen(choose: (answer: Buffer) => boolean): Promise<void>
  /** Once a client sends what `choose` says, its connection's answers of the next `ms` come when those are over; until `restore`. */
  delayWhen(choose: (request: Buffer) => boolean, ms: number): Promise<void>
  /** Cuts every connection and ends the proxy. */
  close(): Promise<void>
}

export interface FaultCounts {
  /** Connections accepted. */
  connections: number
  /** Connections cut or refused. */
  cut: number
  /** Pieces thrown away without a word. */
  dropped: number
  /** Answers passed on late. */
  delayed: number
  /** Connections of which one half was closed. */
  halfClosed: number
}

export interface FaultProxyOptions {
  /**
   * After so many milliseconds the server's end of a dead connection whose client has gone is closed too, as TCP
   * keepalive does on a server that asks for it. @default never
   */
  readonly serverGivesUpMs?: number
}

interface Pair {
  readonly client: Socket
  readonly server: Socket
  readonly answers: PacedWriter
  state: 'open' | 'doomed' | 'dead'
  /** Until when its answers are held back, by the monotonic clock. */
  lateUntil: number
}

/**
 * Starts a proxy between a store and its server, on a free port of the loopback interface. Connect the store under test to
 * `host` and `port` of the result.
 *
 * @param target where the server listens
 */
export async function faultProxy(
  target: { readonly host: string; readonly port: number },
  { serverGivesUpMs = Infinity }: FaultProxyOptions = {},
): Promise<FaultProxy> {
  let mode: 'open' | 'cut' | 'losing' | 'paused' | 'blackhole' = 'open'
  let pace = AT_ONCE
  let isCut = (_answer: Buffer): boolean => false
  let lateness = (_request: Buffer): number => 0
  const counts: FaultCounts = { connections: 0, cut: 0, dropped: 0, delayed: 0, halfClosed: 0 }
  const pairs = new Set<Pair>()

  const destroy = ({ client, server }: Pair): void => {
    counts.cut += 1
    client.destroy()
    server.destroy()
  }
  const cut = async (): Promise<void> => {
    mode = 'cut'
    for (const pair of pairs) destroy(pair)
  }
  const setAll = (state: Pair['state']): void => {
    for (const pair of pairs) pair.state = state
  }

  const listener = createServer({ allowHalfOpen: true }, (client) => {
    counts.connections += 1
    if (mode === 'cut') {
      counts.cut += 1
      client.destroy()
      return
    }
    const server = connect({ host: target.host, port: target.port, allowHalfOpen: true })
    const answers = pacedWriter(client)
    const pair: Pair = {
      client,
      server,
      answers,
      state: mode === 'blackhole' ? 'dead' : 'open',
      lateUntil: 0,
    }
    pairs.add(pair)
    client.on('data', (data) => {
      if (pair.state === 'dead') counts.dropped += 1
      else {
        pair.lateUntil = Math.max(pair.lateUntil, performance.now() + lateness(data))
        server.write(data)
      }
    })
    server.on('data', (data) => {
      if (pair.state === 'dead') counts.dropped += 1
      else if (pair.state === 'doomed' || isCut(data)) destroy(pair)
      else if (mode === 'losing') void cut()
      else {
        const lateMs = pair.lateUntil - performance.now()
        if (pace !== AT_ONCE || lateMs > 0) counts.delayed += 1
        answers.write(data, lateMs > 0 ? { ...AT_ONCE, delayMs: lateMs } : pace)
      }
    })
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      socket.setNoDelay(true)
      // What broke shows as the other side's end, unless packets are thrown away: then nothing shows.
      socket.on('end', () => {
        if (pair.state !== 'dead') other.end()
        else if (socket === client && serverGivesUpMs < Infinity)
          setTimeout(() => server.destroy(), serverGivesUpMs).unref()
      })
      socket.on('error', () => {})
      socket.on('close', () => {
        if (pair.state !== 'dead') other.destroy()
        if (other.destroyed) pairs.delete(pair)
      })
      if (mode === 'paused') socket.pause()
    }
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const address = listener.address()
  if (address === null || typeof address === 'string') throw new Error('The proxy got no port to listen on.')

  return {
    host: '127.0.0.1',
    port: address.port,
    counts,
    cut,
    loseAnswers: async () => {
      mode = 'losing'
    },
    blink: async () => setAll('doomed'),
    pause: async () => {
      mode = 'paused'
      for (const { client, server } of pairs) for (const socket of [client, server]) socket.pause()
    },
    delay: async (ms) => {
      pace = { delayMs: ms, perByteMs: 0 }
    },
    drip: async (msPerByte) => {
      pace = { delayMs: 0, perByteMs: msPerByte }
    },
    blackhole: async () => {
      mode = 'blackhole'
      setAll('dead')
    },
    dropSilently: async () => setAll('dead'),
    halfClose: async () => {
      for (const pair of pairs) {
        if (pair.state !== 'dead') counts.halfClosed += 1
        pair.state = 'dead'
        pair.client.end()
        pair.server.destroy()
      }
    },
    reset: async () => {
      for (const { client, server } of pairs) {
        counts.cut += 1
        client.resetAndDestroy()
        server.destroy()
      }
    },
    cutWhen: async (choose) => {
      isCut = choose
    },
    delayWhen: async (choose, ms) => {
      lateness = (request) => (choose(request) ? ms : 0)
    },
    restore: async () => {
      mode = 'open'
      pace = AT_ONCE
      isCut = () => false
      lateness = () => 0
      for (const pair of pairs) {
        if (pair.state === 'doomed') pair.state = 'open'
        pair.lateUntil = 0
        pair.answers.flush()
        for (const socket of [pair.client, pair.server]) socket.resume()
      }
    },
    close: async () => {
      await cut()
      if (!listener.listening) return
      listener.close()
      await once(listener, 'close')
    },
  }
}
