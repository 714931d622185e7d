import type { Duplex, Readable, Writable } from 'node:stream'

const END: IteratorResult<Uint8Array, undefined> = { done: true, value: undefined }
const EVENTS = ['readable', 'end', 'error', 'close']

/**
 * Yields what a stream receives, on demand. Unlike the stream's own iterator it stops at once, also while it waits, and then
 * destroys nothing: it calls `left`, and what it did not read stays in the stream.
 */
export function bytesOf(source: Readable, left: () => void = () => {}): AsyncIterable<Uint8Array> {
  let wake = () => {}
  let over = false
  const stir = () => wake()

  async function next(): Promise<IteratorResult<Uint8Array, undefined>> {
    for (;;) {
      if (over) return END
      const chunk: unknown = source.read()
      if (chunk instanceof Uint8Array) return { done: false, value: chunk }
      if (source.readableEnded) return END
      if (source.destroyed) throw source.errored ?? new Error('The connection was closed before its end.')
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }

  return {
    [Symbol.asyncIterator]() {
      for (const event of EVENTS) source.on(event, stir)
      return {
        next,
        async return() {
          over = true
          wake()
          source.off('readable', stir)
          left()
          return END
        },
      }
    },
  }
}

/** As {@link bytesOf} of a connection that is not blocked afterwards: the rest is discarded. */
export const bytesFrom = (connection: Duplex) => bytesOf(connection, () => connection.resume())

/** Writes chunks as fast as `to` accepts them. Resolves when there are no more, or `to` accepts none. */
export async function pour(chunks: AsyncIterator<Uint8Array>, to: Writable): Promise<void> {
  for (let next = await chunks.next(); next.done !== true && to.writable; next = await chunks.next())
    if (!to.write(next.value)) await drained(to)
}

/** Resolves when `to` accepts more, or is closed. */
export function drained(to: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      to.off('drain', done)
      to.off('close', done)
      resolve()
    }
    to.on('drain', done)
    to.on('close', done)
    if (to.destroyed) done()
  })
}

/**
 * Calls `then` when the other side has ended its part, which a connection without a reader does not notice. It consumes no
 * bytes. Returns the function that stops listening.
 */
export function onceEnded(socket: Duplex, then: () => void): () => void {
  const look = () => {
    if (socket.readableLength === 0) socket.read(0)
  }
  socket.on('readable', look)
  socket.once('end', then)
  return () => {
    socket.off('readable', look)
    socket.off('end', then)
  }
}
