import { connect, createServer, type Server, type Socket } from 'node:net'
import type { CallKind } from './call-kind.ts'
import { kindOfStatement, postgresStatements } from './postgres-statements.ts'
import { redisCommands, redisKinds } from './redis-commands.ts'

/** A proxy before a store. */
export interface CountingProxy {
  readonly url: string
  /** What passed so far. */
  readonly calls: Readonly<Record<CallKind, number>>
  stop(): Promise<void>
}

type OnCall = (kind: CallKind) => void

/** For each store, what makes a reader for each connection. */
const READERS: Record<'redis' | 'postgres', (onCall: OnCall) => () => (chunk: Buffer) => void> = {
  redis(onCall) {
    const kindOf = redisKinds()
    return () => redisCommands((name, argument) => onCall(kindOf(name, argument)))
  },
  postgres: (onCall) => () => postgresStatements((sql) => onCall(kindOfStatement(sql))),
}

/** Passes everything on to the store at `target`, and counts what its clients ask. Redis must know no scripts yet. */
export async function countCalls(store: 'redis' | 'postgres', target: string): Promise<CountingProxy> {
  const { hostname, port } = new URL(target)
  const calls = { reads: 0, writes: 0, other: 0 }
  const reader = READERS[store]((kind) => {
    calls[kind] += 1
  })
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname)
    client.on('data', reader())
    client.pipe(upstream).pipe(client)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => {})
      socket.once('close', () => {
        sockets.delete(socket)
        client.destroy()
        upstream.destroy()
      })
    }
  })
  const url = new URL(target)
  url.port = String(await portOf(server))
  return {
    url: url.href,
    calls,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

export async function portOf(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The proxy listens on TCP only.')
  return address.port
}
