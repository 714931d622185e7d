import type { Clock } from '../contracts/clock.ts'
import type { RequestView } from '../contracts/request-view.ts'
import { after } from '../internal/after.ts'
import { BffError, isBffError } from '../internal/bff-error.ts'
import { plainCause } from './plain-cause.ts'

type Client = Pick<RequestView, 'signal' | 'onDisconnect'>
type Chunks = AsyncIterable<Uint8Array>
type Step = IteratorResult<Uint8Array, undefined>

// A reason of our own: the default one would cost a DOMException with a stack on every request.
const OVER = 'The exchange is over.'
const END: Step = { done: true, value: undefined }
const ignore = () => {}

/** After how many milliseconds a response is a long one. */
const LONG_MS = 5_000

/**
 * One exchange with an API: its timeouts, and the error with which it ended early.
 *
 * A small exchange ends before it needs a signal or a timer, and they cost more than it does: each is made on first use.
 */
export class Exchange {
  readonly #clock: Clock
  readonly #unwatch: () => void
  #stops: Array<(reason: unknown) => void> | null = null
  #controller: AbortController | null = null
  #ended = false
  #reason: unknown
  #liftTotal: () => void = ignore

  /** @param totalMs for the whole exchange, in milliseconds; 0: no limit */
  constructor(client: Client, clock: Clock, totalMs: number) {
    this.#clock = clock
    this.#unwatch = onceDisconnected(client, () =>
      this.cut(new BffError('bad_request', 'The client disconnected.')),
    )
    if (totalMs === 0) return
    this.#liftTotal = after(clock, totalMs, () => this.#timeOut())
    this.onAbort(this.#liftTotal)
  }

  /** Aborts when the client disconnects, on a timeout, and when the exchange is over. */
  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController()
      if (this.#ended) this.#controller.abort(this.#reason)
    }
    return this.#controller.signal
  }

  /** Calls `stop` with the signal's reason when the exchange ends, at once when it has ended. */
  onAbort(stop: (reason: unknown) => void): void {
    if (this.#ended) stop(this.#reason)
    else if (this.#stops === null) this.#stops = [stop]
    else this.#stops.push(stop)
  }

  /** Ends the exchange with this error. */
  cut(error: BffError): void {
    this.#end(error)
  }

  /** Releases all resources. Idempotent. */
  finish(): void {
    this.#end(OVER)
  }

  #end(reason: unknown): void {
    if (this.#ended) return
    this.#ended = true
    this.#reason = reason
    this.#unwatch?.()
    for (const stop of this.#stops ?? []) stop(reason)
    this.#controller?.abort(reason)
  }

  #timeOut(): void {
    this.cut(new BffError('upstream_timeout'))
  }

  /** Removes the total timeout, for event streams. */
  liftTotal(): void {
    this.#liftTotal()
  }

  /** Returns the error to report for what a transport threw, without data of the API's response. */
  failure(cause: unknown): BffError {
    if (isBffError(this.#reason)) return this.#reason
    if (!isBffError(cause))
      return new BffError('upstream_unavailable', undefined, { cause: plainCause(cause) })
    const plain = plainCause(cause.cause)
    return plain === cause.cause ? cause : new BffError(cause.code, cause.message, { cause: plain })
  }

  /** Passes a request body on. Ends the exchange when the client sends nothing for `idleMs`. */
  upload(body: Chunks, idleMs: number): Chunks {
    const chunks = body[Symbol.asyncIterator]()
    // Counts only the client's time: while the API is slow to take a chunk, the proxy does not wait for the client.
    const wait = this.#waits(idleMs, () =>
      this.cut(
        new BffError(
          'bad_request',
          'The client sent nothing of the request body for too long. Send it again.',
        ),
      ),
    )
    return {
      [Symbol.asyncIterator]: () => ({
        async next() {
          wait.begin()
          const result = await chunks.next()
          wait.end()
          return result
        },
        return: async () => (await chunks.return?.()) ?? END,
      }),
    }
  }

  /**
   * Passes the response body on, and ends the exchange with it. Calls `onLong` once when the body takes longer than
   * {@link LONG_MS}.
   */
  stream(body: Chunks, idleMs: number, onFailure: (error: BffError) => void, onLong?: () => void): Chunks {
    const chunks = body[Symbol.asyncIterator]()
    // Counts only the API's time: while the client is slow to take a chunk, the proxy does not wait for the API.
    const wait = this.#waits(idleMs, () => this.#timeOut(), onLong)

    const next = async (): Promise<Step> => {
      wait.begin()
      try {
        const { done, value } = await chunks.next()
        wait.end()
        if (!done) return { done: false, value }
      } catch (cause) {
        const error = this.failure(cause)
        // Somebody who returned while this waited has ended the exchange: nothing failed.
        if (this.#reason !== OVER) onFailure(error)
        this.finish()
        throw error
      }
      this.finish()
      return END
    }

    // Not a generator: returning from one that has not started would release nothing.
    return {
      [Symbol.asyncIterator]: () => ({
        next,
        return: async () => {
          this.finish()
          await chunks.return?.().catch(ignore)
          return END
        },
      }),
    }
  }

  /** Calls `late` when one of the waits takes too long, and `onLong` once when all of them do. */
  #waits(ms: number, late: () => void, onLong: (() => void) | null = null): Waits {
    const waits = new Waits(this.#clock, ms, late, onLong)
    this.onAbort(() => waits.stop())
    return waits
  }
}

/** Waits for the next chunk of a body, with one timer for all of them. */
class Waits {
  readonly #clock: Clock
  readonly #ms: number
  readonly #late: () => void
  #onLong: (() => void) | null
  #longAt = Number.POSITIVE_INFINITY
  #since: number | null = null
  #isWatched: boolean
  #stop: () => void = ignore

  constructor(clock: Clock, ms: number, late: () => void, onLong: (() => void) | null) {
    this.#clock = clock
    this.#ms = ms
    this.#late = late
    this.#onLong = onLong
    this.#isWatched = ms === 0 && onLong === null
  }

  begin(): void {
    const now = this.#clock.monotonic()
    this.#since = now
    if (this.#isWatched) return
    this.#isWatched = true
    if (this.#onLong !== null) this.#longAt = now + LONG_MS
    this.#watch(now)
  }

  end(): void {
    this.#since = null
  }

  stop(): void {
    this.#stop()
  }

  #watch(now: number): void {
    const left = this.#ms === 0 ? Number.POSITIVE_INFINITY : (this.#since ?? now) + this.#ms - now
    if (left <= 0) {
      this.#late()
      return
    }
    if (this.#longAt <= now) {
      this.#longAt = Number.POSITIVE_INFINITY
      this.#onLong?.()
    }
    const next = Math.min(left, this.#longAt - now)
    if (next < Number.POSITIVE_INFINITY)
      this.#stop = after(this.#clock, next, () => this.#watch(this.#clock.monotonic()))
  }
}

/** Returns a function that stops watching the client. */
function onceDisconnected(client: Client, leave: () => void): () => void {
  if (client.onDisconnect !== undefined) return client.onDisconnect(leave)
  const { signal } = client
  if (signal.aborted) leave()
  else signal.addEventListener('abort', leave)
  return () => signal.removeEventListener('abort', leave)
}
