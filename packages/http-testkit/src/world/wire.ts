import { connect, type Socket } from 'node:net'
import { Transcript } from './transcript.ts'

/** A raw connection to the server under test, and everything it said. */
export class Wire extends Transcript {
  readonly #socket: Socket

  constructor(port: number, host: string) {
    const socket = connect({ port, host })
    super(socket)
    this.#socket = socket
  }

  send(text: string): void {
    this.#socket.write(text, 'latin1')
  }

  /** Leaves without a word. */
  destroy(): void {
    this.#socket.destroy()
  }
}
