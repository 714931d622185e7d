import { createHash } from 'node:crypto'
import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'

const PIECE = Buffer.alloc(65_536, 'flow')
const PIECES = 1_024
/** A side that has not written at any of this many looks is paused; one look might only have found us busy. */
const LOOKS = 5
const BETWEEN_LOOKS_MS = 50

/**
 * More than the sockets of both hops hold; what goes beyond it is in the adapter's memory. Linux lets one of them grow to 33.5 MB of
 * received bytes while its program is busy, besides 4 MB on each sending side.
 */
export const HELD_AT_MOST = 48_000_000

/** Where a {@link Source} writes. */
export interface Sink {
  /** Resolves when more may be written. */
  write(piece: Uint8Array): Promise<unknown>
  end(): void
}

export const sinkOf = (stream: Writable): Sink => ({
  write: async (piece) => stream.write(piece) || once(stream, 'drain'),
  end: () => void stream.end(),
})

/** Writes many megabytes at the pace they are taken. */
export class Source {
  written = 0
  /** Resolves when nothing more is taken, or everything was. */
  readonly paused: Promise<void>
  readonly finished: Promise<void>
  readonly #hash = createHash('sha256')

  constructor(sink: Sink) {
    this.finished = this.#fill(sink)
    this.finished.catch(() => {})
    this.paused = this.#standstill()
  }

  /** Of what was written. */
  get digest(): string {
    return this.#hash.copy().digest('hex')
  }

  async #fill(sink: Sink): Promise<void> {
    for (let count = 0; count < PIECES; count += 1) {
      this.#hash.update(PIECE)
      this.written += PIECE.length
      await sink.write(PIECE)
    }
    sink.end()
  }

  async #standstill(): Promise<void> {
    let before = -1
    for (let same = 0; same < LOOKS; same = before === this.written ? same + 1 : 0) {
      before = this.written
      await sleep(BETWEEN_LOOKS_MS)
    }
  }
}
