import { createServer, type RequestListener, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { type Bff, isBffError, type Reply, type RequestView } from '@bff/core'
import { onTestFinished } from 'vitest'

export interface Running {
  readonly origin: string
  readonly port: number
  readonly server: Server
}

/** Starts a server on a free port for the length of one test. */
export async function listen(listener: RequestListener): Promise<Running> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const { port } = server.address() as AddressInfo
  return { origin: `http://127.0.0.1:${port}`, port, server }
}

/** A BFF whose only endpoint is `answer`. */
export function bffThat(
  answer: (request: RequestView) => Reply | Promise<Reply> | undefined,
): Pick<Bff, 'handle' | 'errorReply'> {
  return {
    handle(request) {
      const reply = answer(request)
      return reply === undefined ? undefined : Promise.resolve(reply)
    },
    errorReply: (error) => ({
      status: isBffError(error) ? error.status : 500,
      headers: [['content-type', 'application/json']],
      body: JSON.stringify({ error: isBffError(error) ? error.code : 'internal_error' }),
    }),
  }
}

export const ok = (body: Reply['body'], headers: Reply['headers'] = []): Reply => ({
  status: 200,
  headers,
  body,
})

/** A promise with its ends in hand. */
export function deferred<T = void>(): {
  promise: Promise<T>
  resolve: (value: T) => void
  reject: (error: unknown) => void
} {
  let resolve: (value: T) => void = () => {}
  let reject: (error: unknown) => void = () => {}
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}

/** Everything a raw connection says until the other side closes it. */
export class Wire {
  readonly socket: Socket
  #seen = ''
  #waiting: { until: (seen: string) => boolean; resolve: (seen: string) => void }[] = []

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1')
    this.socket.setEncoding('latin1')
    this.socket.on('data', (text: string) => {
      this.#seen += text
      this.#waiting = this.#waiting.filter(({ until, resolve }) => {
        if (!until(this.#seen)) return true
        resolve(this.#seen)
        return false
      })
    })
    this.socket.on('error', () => {})
    onTestFinished(() => {
      this.socket.destroy()
    })
  }

  send(text: string): void {
    this.socket.write(text, 'latin1')
  }

  /** What was received once it contains `text`. */
  until(text: string): Promise<string> {
    const until = (seen: string) => seen.includes(text)
    if (until(this.#seen)) return Promise.resolve(this.#seen)
    return new Promise((resolve) => this.#waiting.push({ until, resolve }))
  }

  /** What was received when the connection is over. */
  closed(): Promise<string> {
    if (this.socket.closed) return Promise.resolve(this.#seen)
    return new Promise((resolve) => this.socket.once('close', () => resolve(this.#seen)))
  }
}

/** `count` chunks of `size` bytes as fast as they are asked for. */
export function* chunks(count: number, size: number): Generator<Uint8Array> {
  for (let at = 0; at < count; at++) yield new Uint8Array(size).fill(at)
}

/** A body under the test's control that records when it is let go. */
export function watchedBody(next: () => Promise<IteratorResult<Uint8Array>>): {
  body: AsyncIterable<Uint8Array>
  released: Promise<void>
} {
  const { promise, resolve } = deferred()
  const body: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({
      next,
      async return() {
        resolve()
        return { done: true, value: undefined }
      },
    }),
  }
  return { body, released: promise }
}

export const never = <T>(): Promise<T> => new Promise(() => {})

/** A body without bytes. */
export const nothing: AsyncIterable<Uint8Array> = (async function* () {})()
