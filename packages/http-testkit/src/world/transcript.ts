import type { Readable } from 'node:stream'
import { soon } from '../soon.ts'

/** Reads a stream as fast as it comes and keeps what it said, as Latin-1: one character is one byte. */
export class Transcript {
  #seen = ''
  #end: 'ended' | 'broken off' | null = null
  #closed = false
  readonly #waiting = new Set<() => void>()

  constructor(stream: Readable) {
    stream.setEncoding('latin1')
    stream.on('data', (text: string) => this.#note(() => (this.#seen += text)))
    stream.on('end', () => this.#note(() => (this.#end ??= 'ended')))
    stream.on('error', () => {})
    stream.on('close', () =>
      this.#note(() => {
        this.#closed = true
        this.#end ??= 'broken off'
      }),
    )
    if (!stream.closed) return
    this.#closed = true
    this.#end = stream.readableEnded ? 'ended' : 'broken off'
  }

  /** What was received so far. */
  get seen(): string {
    return this.#seen
  }

  /** What was received, once it contains `text`. */
  async until(text: string): Promise<string> {
    await this.#when(`${JSON.stringify(text)} to arrive`, () => this.#seen.includes(text))
    return this.#seen
  }

  /** What was received, once the other side closed. */
  async closed(): Promise<string> {
    await this.#when('the other side to close', () => this.#closed)
    return this.#seen
  }

  /** How it ended: with all that belongs to it, or before. */
  async end(ms?: number): Promise<'ended' | 'broken off' | null> {
    await this.#when('the end of the stream', () => this.#end !== null, ms)
    return this.#end
  }

  #note(change: () => unknown): void {
    change()
    for (const look of this.#waiting) look()
  }

  async #when(what: string, reached: () => boolean, ms?: number): Promise<void> {
    let look = () => {}
    const arrived = new Promise<void>((resolve) => {
      look = () => {
        if (reached()) resolve()
      }
    })
    this.#waiting.add(look)
    look()
    try {
      await soon(what, arrived, ms)
    } finally {
      this.#waiting.delete(look)
    }
  }
}
