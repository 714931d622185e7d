import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'

export type ApiUpgrade = (req: IncomingMessage, socket: Duplex, head: Buffer) => unknown
export type ApiAnswer = (req: IncomingMessage, res: ServerResponse) => unknown

/** The API behind the BFF: a real server that records every request, and echoes bodies unless a law changes that. */
export class EchoApi {
  /** What reached it, oldest first. */
  readonly requests: IncomingMessage[] = []
  /** How it answers; a law puts its own in place. */
  answer: ApiAnswer = echo
  /** How it switches protocols; refuses to unless a law says otherwise. */
  upgrade: ApiUpgrade = (_req, socket) => socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n')
  readonly #server: Server
  readonly #upgraded = new Set<Duplex>()

  private constructor() {
    this.#server = createServer((req, res) => {
      this.requests.push(req)
      // A request that breaks off is for the law to notice, and must not end the process.
      req.on('error', () => {})
      void this.answer(req, res)
    })
    this.#server.on('upgrade', (req, socket, head) => {
      this.requests.push(req)
      this.#upgraded.add(socket.on('error', () => {}))
      this.upgrade(req, socket, head)
    })
  }

  static async listen(): Promise<EchoApi> {
    const api = new EchoApi()
    await new Promise<void>((resolve) => api.#server.listen(0, '127.0.0.1', resolve))
    return api
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** The targets that were asked for, as they came over the wire. */
  get targets(): (string | undefined)[] {
    return this.requests.map(({ url }) => url)
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeAllConnections()
    for (const socket of this.#upgraded) socket.destroy()
    await closed
  }
}

function echo(req: IncomingMessage, res: ServerResponse): void {
  res.writeHead(200, { 'content-type': req.headers['content-type'] ?? 'application/octet-stream' })
  req.pipe(res)
}
