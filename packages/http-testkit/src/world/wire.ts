import { connect, type Socket } from 'node:net'
import { soon } from '../soon.ts'
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

  /** Sends and resolves when it was taken, or when nothing more will be. */
  async sendAll(text: string): Promise<void> {
    await soon(
      'the upload to be taken',
      new Promise((resolve) => this.#socket.write(text, 'latin1', resolve)),
    )
  }

  /** Leaves without a word. */
  destroy(): void {
    this.#socket.destroy()
  }
}
