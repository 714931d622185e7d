import type { Duplex, Writable } from 'node:stream'

/**
 * Yields what a connection receives, on demand. Unlike the stream's own iterator it stops at once, also while it waits. It
 * then neither closes the connection nor blocks it: the rest is discarded.
 */
export function bytesOf(socket: Duplex): AsyncIterable<Uint8Array> {
  let wake = () => {}
  let over = false
  const stir = () => wake()

  async function next(): Promise<IteratorResult<Uint8Array, undefined>> {
    for (;;) {
      if (over) return { done: true, value: undefined }
      const chunk: unknown = socket.read()
      if (chunk instanceof Uint8Array) return { done: false, value: chunk }
      if (socket.readableEnded) return { done: true, value: undefined }
      if (socket.destroyed) throw socket.errored ?? new Error('The connection was closed before its end.')
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }

  return {
    [Symbol.asyncIterator]() {
      for (const event of ['readable', 'end', 'close']) socket.on(event, stir)
      return {
        next,
        async return() {
          over = true
          wake()
          socket.off('readable', stir)
          socket.resume()
          return { done: true, value: undefined }
        },
      }
    },
  }
}

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
