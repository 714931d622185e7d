import type { IncomingHttpHeaders } from 'node:http'
import { BffError } from '@bff/core'
import type { UpstreamRequest, UpstreamResponse } from '@bff/core/proxy'
import type { Dispatcher } from 'undici'
import { failureOf, isEmpty } from './upstream-response.ts'

type Step = IteratorResult<Uint8Array, undefined>

interface Waiting {
  resolve(step: Step): void
  reject(error: unknown): void
}

/** How much of a body is read ahead of its reader, in bytes. */
const READ_AHEAD = 65_536
const END: Step = { done: true, value: undefined }
const ignore = () => {}

/**
 * One response of undici, from the parser's calls: a promise for its head, then its body on demand. undici's own `request`
 * makes a stream for each response, which costs more than the rest of a small one.
 */
export class UndiciResponse implements Dispatcher.DispatchHandler, AsyncIterator<Uint8Array, undefined> {
  /** Resolves with the head. A body that arrived with it is complete by then. */
  readonly head: Promise<void>
  readonly #method: string
  readonly #headersTimeoutMs: number
  #timer: NodeJS.Timeout | undefined
  #waitsSince: number | null = null
  #started = false
  #start: () => void = ignore
  #refuse: (error: unknown) => void = ignore
  #controller: Dispatcher.DispatchController | null = null
  #status = 0
  #headers: UpstreamResponse['headers'] = []
  #chunks: Uint8Array[] = []
  #unread = 0
  #isEmpty = false
  #waiting: Waiting | null = null
  #complete = false
  #failed = false
  #stopped = false
  #error: unknown

  constructor({ method, headersTimeoutMs }: UpstreamRequest) {
    this.#method = method
    this.#headersTimeoutMs = headersTimeoutMs
    this.waitForApi()
    this.head = new Promise<void>((resolve, reject) => {
      this.#start = resolve
      this.#refuse = reject
    })
  }

  /** Restarts the time for the head. */
  waitForApi(): void {
    if (this.#headersTimeoutMs === 0) return
    this.#waitsSince = performance.now()
    if (this.#timer === undefined) this.#look(this.#headersTimeoutMs)
  }

  /** Stops the time for the head, while the client has not sent the next chunk. */
  waitForClient(): void {
    this.#waitsSince = null
  }

  /** One timer for all waits: an upload has two for each chunk. */
  #look(ms: number): void {
    if (this.#started || this.#failed) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      if (this.#waitsSince === null) return
      const left = this.#waitsSince + this.#headersTimeoutMs - performance.now()
      if (left > 0) this.#look(left)
      else this.stop(new BffError('upstream_timeout'))
    }, ms)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    // Given up while it waited for a connection.
    if (this.#failed) controller.abort(asError(this.#error))
  }

  onResponseStart(_controller: unknown, status: number, headers: IncomingHttpHeaders): void {
    this.#status = status
    this.#headers = pairsOf(headers)
    this.#isEmpty = isEmpty(this.#method, status, this.#headers)
    this.#started = true
    clearTimeout(this.#timer)
    this.#start()
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    if (this.#isEmpty || chunk.byteLength === 0) return
    const waiting = this.#waiting
    if (waiting !== null) {
      this.#waiting = null
      waiting.resolve({ done: false, value: chunk })
      return
    }
    this.#chunks.push(chunk)
    this.#unread += chunk.byteLength
    if (this.#unread >= READ_AHEAD) controller.pause()
  }

  onResponseEnd(): void {
    this.#complete = true
    this.#waiting?.resolve(END)
  }

  onResponseError(_controller: unknown, error: Error): void {
    this.#fail(error, failureOf(error))
  }

  /** Gives the request up at once, whether it waits for a connection, for the head or for the body. */
  stop(reason: unknown): void {
    if (this.#complete || this.#failed) return
    this.#stopped = true
    this.#fail(reason, reason)
    this.#controller?.abort(asError(reason))
  }

  /** Whether {@link UndiciResponse.stop} ended it, so that `head` rejects with the reason. */
  get isStopped(): boolean {
    return this.#stopped
  }

  /** Returns the response for the proxy, after `head`. */
  answer(): UpstreamResponse {
    const status = this.#status
    const headers = this.#headers
    if (this.#isEmpty) return { status, headers, body: null }
    const body = { [Symbol.asyncIterator]: () => this }
    return this.#complete ? { status, headers, body, bytes: joined(this.#chunks) } : { status, headers, body }
  }

  next(): Promise<Step> {
    const chunk = this.#chunks.shift()
    if (chunk !== undefined) {
      this.#unread -= chunk.byteLength
      if (this.#unread < READ_AHEAD && !this.#complete) this.#controller?.resume()
      return Promise.resolve({ done: false, value: chunk })
    }
    if (this.#failed) return Promise.reject(this.#error)
    if (this.#complete) return Promise.resolve(END)
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
    })
  }

  async return(): Promise<Step> {
    this.#chunks = []
    this.#waiting?.resolve(END)
    this.#waiting = null
    this.stop(new Error('The rest of the response is not wanted.'))
    return END
  }

  #fail(raw: unknown, error: unknown): void {
    if (this.#complete || this.#failed) return
    this.#failed = true
    this.#error = error
    clearTimeout(this.#timer)
    this.#refuse(raw)
    this.#waiting?.reject(error)
    this.#waiting = null
  }
}

/** One pair for each value; undici has joined none, and reads bytes as Latin-1. */
function pairsOf(headers: IncomingHttpHeaders): UpstreamResponse['headers'] {
  const pairs: Array<readonly [string, string]> = []
  for (const name of Object.keys(headers)) {
    const value = headers[name]
    if (typeof value === 'string') pairs.push([name, value])
    else for (const one of value ?? []) pairs.push([name, one])
  }
  return pairs
}

const asError = (reason: unknown) => (reason instanceof Error ? reason : new Error(String(reason)))

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const [first] = chunks
  return first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks)
}
