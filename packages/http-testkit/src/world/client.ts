import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { soon } from '../soon.ts'
import { PageSocket, type PageSocketOptions } from '../web-sockets/page-socket.ts'
import { Wire } from './wire.ts'

/** What a script on the app's own page sends with every call. */
export const PAGE = { 'x-csrf': '1', 'sec-fetch-site': 'same-origin' } as const

export interface Sent {
  /** @default GET, or POST when there is a body */
  readonly method?: string
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: string | Uint8Array
}

/** An answer that was read to its end. */
export interface Answer {
  readonly status: number
  /** One value for each name; duplicates joined. */
  readonly headers: IncomingMessage['headers']
  /** The `Set-Cookie` headers, each on its own. */
  readonly cookies: readonly string[]
  readonly body: Buffer
  readonly text: string
}

/** Speaks HTTP to the server under test, sending targets and bytes exactly as given. */
export class Client {
  readonly #origin: URL
  readonly #agent: Agent
  readonly #open = new Set<{ destroy(): unknown }>()

  constructor(origin: string, connections = Number.POSITIVE_INFINITY) {
    this.#origin = new URL(origin)
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections })
  }

  /** A client that sends one request after the other, on one connection. */
  single(): Client {
    const client = new Client(this.#origin.href, 1)
    this.#open.add({ destroy: () => client.close() })
    return client
  }

  /** Sends a request and reads the answer to its end; rejects when it is cut off. */
  send(target: string, sent: Sent = {}): Promise<Answer> {
    return soon(`the answer to ${target}`, this.#exchange(target, sent))
  }

  /** Sends a request from the app's own page, optionally with a cookie. */
  page(target: string, { headers, ...sent }: Sent = {}, cookie?: string): Promise<Answer> {
    return this.send(target, {
      ...sent,
      headers: { ...PAGE, ...(cookie !== undefined && { cookie }), ...headers },
    })
  }

  /** Starts a request whose body the caller writes and ends. */
  start(target: string, { method = 'GET', headers = {} }: Omit<Sent, 'body'> = {}): ClientRequest {
    const { hostname, port } = this.#origin
    const flat = Object.entries(headers).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : [...value],
    ])
    const agent = this.#agent
    const req = request({ hostname, port, path: target, method, headers: Object.fromEntries(flat), agent })
    this.#open.add(req)
    // A caller that waits for a response gets the error there; an error without a caller must not end the process.
    req.on('error', () => {})
    return req
  }

  /** Starts a request without body and resolves with the head of its answer; the body is the caller's to read. */
  open(target: string, sent: Omit<Sent, 'body'> = {}): Promise<IncomingMessage> {
    const req = this.start(target, sent)
    req.end()
    return answerTo(req)
  }

  /** A WebSocket of the app's own page. */
  webSocket(target: string, cookie: string | null, options: PageSocketOptions = {}): PageSocket {
    const socket = new PageSocket(`ws://${this.#origin.host}${target}`, cookie, options)
    this.#open.add(socket)
    return socket
  }

  /** A raw connection. */
  wire(): Wire {
    const wire = new Wire(Number(this.#origin.port), this.#origin.hostname)
    this.#open.add(wire)
    return wire
  }

  close(): void {
    for (const one of this.#open) one.destroy()
    this.#agent.destroy()
  }

  async #exchange(target: string, { body, ...sent }: Sent): Promise<Answer> {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
    const method = sent.method ?? (body === undefined ? 'GET' : 'POST')
    const req = this.start(target, { method, headers: { ...length, ...sent.headers } })
    req.end(body)
    return readAnswer(await answerTo(req))
  }
}

/** Resolves with the head of the response; rejects when it cannot arrive any more. */
export function answerTo(req: ClientRequest): Promise<IncomingMessage> {
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    req.once('response', (response) => {
      response.on('error', () => {})
      resolve(response)
    })
    req.once('error', reject)
  })
  return soon(`the head of the answer to ${req.path}`, answer)
}

/** Reads the rest of an answer; rejects when it is cut off. */
export async function readAnswer(response: IncomingMessage): Promise<Answer> {
  const body = await soon('the body of the answer', buffer(response))
  const { statusCode: status = 0, headers } = response
  return { status, headers, cookies: headers['set-cookie'] ?? [], body, text: body.toString() }
}
