import { connect, type Socket } from 'node:net'
import { soon } from '../soon.ts'

/** A raw connection to the server under test, and everything it said. */
export class Wire {
  readonly socket: Socket
  #seen = ''
  #changed: () => void = () => {}

  constructor(port: number, host: string) {
    this.socket = connect({ port, host })
    this.socket.setEncoding('latin1')
    this.socket.on('data', (text: string) => {
      this.#seen += text
      this.#changed()
    })
    this.socket.on('close', () => this.#changed())
    this.socket.on('error', () => {})
  }

  send(text: string): void {
    this.socket.write(text, 'latin1')
  }

  /** What was received so far. */
  get seen(): string {
    return this.#seen
  }

  /** Starts over with what was received. */
  forget(): void {
    this.#seen = ''
  }

  /** What was received, once it contains `text`. */
  until(text: string): Promise<string> {
    return this.#when(`${JSON.stringify(text)} on the wire`, () => this.#seen.includes(text))
  }

  /** What was received, once the server closed the connection. */
  closed(): Promise<string> {
    return this.#when('the end of the connection', () => this.socket.closed)
  }

  /** Leaves without a word. */
  destroy(): void {
    this.socket.destroy()
  }

  #when(what: string, reached: () => boolean): Promise<string> {
    return soon(
      what,
      new Promise((resolve) => {
        this.#changed = () => {
          if (reached()) resolve(this.#seen)
        }
        this.#changed()
      }),
    )
  }
}
