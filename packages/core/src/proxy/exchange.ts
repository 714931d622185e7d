import type { Clock } from '../contracts/clock.ts'
import { BffError, isBffError } from '../internal/bff-error.ts'

/** One exchange with an API: its timeouts, and the error with which it ended early. */
export interface Exchange {
  /** Aborts when the client disconnects, on a timeout, and when the exchange is over. */
  readonly signal: AbortSignal
  /** Returns the error to report for what a transport threw, without data of the API's response. */
  failure(cause: unknown): BffError
  /** Passes a request body on. Ends the exchange when the client sends nothing for `idleMs`. */
  upload(body: AsyncIterable<Uint8Array>, idleMs: number): AsyncIterable<Uint8Array>
  /**
   * Passes the response body on, and ends the exchange with it. Calls `onLong` once when the body takes longer than
   * {@link LONG_MS}.
   */
  stream(
    body: AsyncIterable<Uint8Array>,
    idleMs: number,
    onFailure: (error: BffError) => void,
    onLong?: () => void,
  ): AsyncIterable<Uint8Array>
  /** Removes the total timeout, for event streams. */
  liftTotal(): void
  /** Ends the exchange with this error. */
  cut(error: BffError): void
  /** Releases all resources. Idempotent. */
  finish(): void
}

// A reason of our own: the default one would cost a DOMException with a stack on every request.
const OVER = 'The exchange is over.'
const ignore = () => {}

/** After how many milliseconds a response is a long one. */
export const LONG_MS = 5_000

export function openExchange(client: AbortSignal, clock: Clock, totalMs: number): Exchange {
  const controller = new AbortController()
  const { signal } = controller
  let totalApplies = totalMs > 0

  const end = (reason: unknown) => {
    client.removeEventListener('abort', leave)
    controller.abort(reason)
  }
  const leave = () => end(new BffError('bad_request', 'The client disconnected.'))
  const timeOut = () => end(new BffError('upstream_timeout'))
  const finish = () => end(OVER)
  const failure = (cause: unknown) => {
    if (isBffError(signal.reason)) return signal.reason
    if (!isBffError(cause))
      return new BffError('upstream_unavailable', undefined, { cause: plainCause(cause) })
    const plain = plainCause(cause.cause)
    return plain === cause.cause ? cause : new BffError(cause.code, cause.message, { cause: plain })
  }

  if (client.aborted) leave()
  else client.addEventListener('abort', leave)
  if (totalApplies) clock.sleep(totalMs, signal).then(() => totalApplies && timeOut(), ignore)

  /** Calls `late` when one of the waits between `begin` and `end` takes too long; one timer for all of them. */
  function waits(ms: number, late: () => void, onLong: (() => void) | null = null) {
    let since: number | null = null
    let watched = ms === 0 && onLong === null

    async function watch(): Promise<void> {
      const longAt = clock.monotonic() + LONG_MS
      let long = onLong
      for (;;) {
        const now = clock.monotonic()
        const left = ms === 0 ? Number.POSITIVE_INFINITY : (since ?? now) + ms - now
        const untilLong = long === null ? Number.POSITIVE_INFINITY : longAt - now
        if (left <= 0) return late()
        if (untilLong <= 0) {
          long?.()
          long = null
        } else {
          const next = Math.min(left, untilLong)
          if (next === Number.POSITIVE_INFINITY) return
          await clock.sleep(next, signal)
        }
      }
    }

    return {
      begin() {
        since = clock.monotonic()
        if (watched) return
        watched = true
        watch().catch(ignore)
      },
      end() {
        since = null
      },
    }
  }

  function upload(body: AsyncIterable<Uint8Array>, idleMs: number): AsyncIterable<Uint8Array> {
    const chunks = body[Symbol.asyncIterator]()
    // Counts only the client's time: while the API is slow to take a chunk, the proxy does not wait for the client.
    const wait = waits(idleMs, () =>
      end(
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
        return: async () => (await chunks.return?.()) ?? { done: true, value: undefined },
      }),
    }
  }

  function stream(
    body: AsyncIterable<Uint8Array>,
    idleMs: number,
    onFailure: (error: BffError) => void,
    onLong?: () => void,
  ): AsyncIterable<Uint8Array> {
    const chunks = body[Symbol.asyncIterator]()
    // Counts only the API's time: while the client is slow to take a chunk, the proxy does not wait for the API.
    const wait = waits(idleMs, timeOut, onLong)

    async function next(): Promise<IteratorResult<Uint8Array, undefined>> {
      wait.begin()
      try {
        const { done, value } = await chunks.next()
        wait.end()
        if (!done) return { done: false, value }
      } catch (cause) {
        const error = failure(cause)
        finish()
        onFailure(error)
        throw error
      }
      finish()
      return { done: true, value: undefined }
    }

    // Not a generator: returning from one that has not started would release nothing.
    return {
      [Symbol.asyncIterator]: () => ({
        next,
        async return() {
          finish()
          await chunks.return?.().catch(ignore)
          return { done: true, value: undefined }
        },
      }),
    }
  }

  return {
    signal,
    failure,
    upload,
    stream,
    liftTotal() {
      totalApplies = false
    },
    cut: end,
    finish,
  }
}
/** The members of a transport's error that are safe; all others may hold data of the API, such as cookies. */
const PLAIN = new Set([
  ...['name', 'message', 'stack', 'cause', 'errors', 'code', 'status'],
  ...['errno', 'syscall', 'address', 'port', 'hostname', 'socket'],
])

/**
 * Returns a transport's error as an operator may see it: unchanged, or without data such as the bytes of a response that a
 * parser did not understand (LOG-01).
 */
export function plainCause(error: unknown): unknown {
  if (!(error instanceof Error)) return typeof error === 'object' ? undefined : error
  if (isPlain(error)) return error
  const plain = new Error(error.message, { cause: plainCause(error.cause) })
  plain.name = error.name
  if (error.stack !== undefined) plain.stack = error.stack
  return 'code' in error ? Object.assign(plain, { code: error.code }) : plain
}

function isPlain(error: unknown): boolean {
  if (!(error instanceof Error)) return typeof error !== 'object'
  const inner: unknown[] = error instanceof AggregateError ? error.errors : []
  return Object.keys(error).every((key) => PLAIN.has(key)) && [error.cause, ...inner].every(isPlain)
}
