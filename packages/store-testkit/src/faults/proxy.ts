import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import type { FaultyConnection } from './harness.ts'

/** A connection to a server that can be made to fail; all of it works on the connections there are and on new ones. */
export interface FaultProxy extends FaultyConnection {
  readonly host: string
  readonly port: number
  /** Cuts every connection and ends the proxy. */
  close(): Promise<void>
}

type Pair = readonly [client: Socket, server: Socket]

/**
 * Stands between a store and its server, on a free port of the loopback interface: connect the store under test to
 * `host` and `port` of the result.
 *
 * @param target where the server listens
 */
export async function faultProxy(target: {
  readonly host: string
  readonly port: number
}): Promise<FaultProxy> {
  let mode: 'open' | 'cut' | 'losing' | 'paused' = 'open'
  const pairs = new Set<Pair>()
  let doomed: ReadonlySet<Pair> = new Set()

  const cut = async (): Promise<void> => {
    mode = 'cut'
    for (const [client, server] of pairs) {
      client.destroy()
      server.destroy()
    }
  }

  const listener = createServer((client) => {
    if (mode === 'cut') {
      client.destroy()
      return
    }
    const server = connect(target.port, target.host)
    const pair: Pair = [client, server]
    pairs.add(pair)
    client.on('data', (data) => void server.write(data))
    server.on('data', (data) => {
      if (doomed.has(pair)) client.destroy()
      else if (mode === 'losing') void cut()
      else client.write(data)
    })
    for (const [socket, other] of [pair, [server, client]] as const) {
      socket.setNoDelay(true)
      // What broke shows as the other side's end.
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        other.destroy()
        pairs.delete(pair)
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
    cut,
    loseAnswers: async () => {
      mode = 'losing'
    },
    blink: async () => {
      doomed = new Set(pairs)
    },
    pause: async () => {
      mode = 'paused'
      for (const socket of [...pairs].flat()) socket.pause()
    },
    restore: async () => {
      mode = 'open'
      doomed = new Set()
      for (const socket of [...pairs].flat()) socket.resume()
    },
    close: async () => {
      await cut()
      if (!listener.listening) return
      listener.close()
      await once(listener, 'close')
    },
  }
}
