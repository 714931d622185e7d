import { createServer, type Server } from 'node:net'
import type { Ports } from '../../src/index.ts'

/** Three ports nobody listens on; held at the same time, so that they differ. */
export async function freePorts(): Promise<Ports> {
  const servers = await Promise.all([open(), open(), open()])
  const [idp = 0, api = 0, demo = 0] = servers.map(portOf)
  await Promise.all(servers.map(close))
  return { idp, api, demo }
}

function open(): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve(server))
  })
}

export function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server listens on TCP only.')
  return address.port
}

const close = (server: Server) => new Promise<void>((resolve) => server.close(() => resolve()))
