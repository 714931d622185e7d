import { Agent, type IncomingHttpHeaders, request } from 'node:http'

export interface Sent {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Longer than any answer may take: a client that gives up first would see nothing. */
const TIMEOUT_MS = 40_000
const agent = new Agent({ keepAlive: true, maxSockets: 200 })

/** Sends a request to a process on this machine; `null` when the connection broke or nothing came. */
export function send(port: number, { method, path, headers }: Sent): Promise<Answer | null> {
  return new Promise((resolve) => {
    const sent = request({ agent, host: '127.0.0.1', port, method, path, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', () => resolve(null))
      response.on('end', () => {
        const body = Buffer.concat(chunks).toString('utf8')
        resolve(
          response.complete ? { status: response.statusCode ?? 0, headers: response.headers, body } : null,
        )
      })
    })
    sent.setTimeout(TIMEOUT_MS, () => sent.destroy())
    sent.on('error', () => resolve(null))
    sent.end()
  })
}

/** Closes the connections that are kept. */
export const closeConnections = (): void => agent.destroy()
