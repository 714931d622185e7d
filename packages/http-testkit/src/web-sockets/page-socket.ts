import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { WebSocket } from 'ws'
import { soon } from '../soon.ts'
import { ORIGIN } from '../world/world.ts'

export interface PageSocketOptions {
  readonly protocols?: readonly string[]
  /** Beside the cookie; `origin` is that of the app unless given, `null` for none. */
  readonly headers?: Readonly<Record<string, string>>
  readonly origin?: string | null
}

/** The client's end of a WebSocket. */
export class PageSocket {
  readonly socket: WebSocket
  readonly #messages: (string | Buffer)[] = []
  readonly #closed: Promise<readonly [code: number, reason: string]>
  #arrived = () => {}

  constructor(url: string, cookie: string | null, options: PageSocketOptions) {
    const { protocols = [], headers = {}, origin = ORIGIN } = options
    this.socket = new WebSocket(url, [...protocols], {
      headers: { ...(cookie !== null && { cookie }), ...(origin !== null && { origin }), ...headers },
      perMessageDeflate: false,
    })
    this.socket.on('error', () => {})
    this.socket.on('message', (data: Buffer, isBinary) => {
      this.#messages.push(isBinary ? data : data.toString())
      this.#arrived()
    })
    this.#closed = new Promise((resolve) => {
      this.socket.once('close', (code, reason) => resolve([code, reason.toString()]))
    })
  }

  /** Resolves with itself once the handshake is done. */
  async opened(): Promise<this> {
    await soon('the WebSocket to open', once(this.socket, 'open'))
    return this
  }

  /** The answer to a handshake that is refused. */
  async refused(): Promise<{ readonly status: number; readonly body: string }> {
    const refusal = new Promise<IncomingMessage>((resolve, reject) => {
      this.socket.once('unexpected-response', (_req, response) => resolve(response))
      this.socket.once('open', () => reject(new Error('The handshake was accepted.')))
      this.socket.once('error', reject)
    })
    const response = await soon('the refusal of the handshake', refusal)
    return { status: response.statusCode ?? 0, body: String(await soon('its body', buffer(response))) }
  }

  /** The next message: text as a string, anything else as bytes. */
  async next(): Promise<string | Buffer> {
    const arrived = new Promise<void>((resolve) => {
      this.#arrived = resolve
    })
    if (this.#messages.length === 0) await soon('the next message', arrived)
    return this.#messages.shift() ?? ''
  }

  /** How it was closed; 1006 when it was cut. */
  closed(ms?: number): Promise<readonly [code: number, reason: string]> {
    return soon('the WebSocket to close', this.#closed, ms)
  }

  /** Leaves without a word. */
  destroy(): void {
    this.socket.terminate()
  }
}
