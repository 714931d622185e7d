import { BffError, type Clock, isBffError } from '@bff/core'

/** One exchange with an API: what may end it early, and what it then failed with. */
export interface Exchange {
  /** Aborts when the client leaves, when time is up, and once all is over. */
  readonly signal: AbortSignal
  /** The error to report for what a transport threw. */
  failure(cause: unknown): BffError
  /** Passes the response body on, ending the exchange with it. */
  stream(
    body: AsyncIterable<Uint8Array>,
    idleMs: number,
    onFailure: (error: BffError) => void,
  ): AsyncIterable<Uint8Array>
  /** An event stream has no total time. */
  liftTotal(): void
  /** Breaks everything off with this error. */
  cut(error: BffError): void
  /** Releases everything; idempotent. */
  finish(): void
}

// A reason of our own: the default one would cost a DOMException with a stack on every request.
const OVER = 'The exchange is over.'
const ignore = () => {}

export function openExchange(client: AbortSignal, clock: Clock, totalMs: number): Exchange {
  const controller = new AbortController()
  const { signal } = controller
  let totalApplies = totalMs > 0

  const end = (reason: unknown) => {
    client.removeEventListener('abort', leave)
    controller.abort(reason)
  }
  const leave = () => end(new BffError('bad_request', 'The client went away.'))
  const timeOut = () => end(new BffError('upstream_timeout'))
  const finish = () => end(OVER)
  const failure = (cause: unknown) => {
    if (isBffError(signal.reason)) return signal.reason
    return isBffError(cause) ? cause : new BffError('upstream_unavailable', undefined, { cause })
  }

  if (client.aborted) leave()
  else client.addEventListener('abort', leave)
  if (totalApplies) clock.sleep(totalMs, signal).then(() => totalApplies && timeOut(), ignore)

  function stream(
    body: AsyncIterable<Uint8Array>,
    idleMs: number,
    onFailure: (error: BffError) => void,
  ): AsyncIterable<Uint8Array> {
    const chunks = body[Symbol.asyncIterator]()
    // Only the API is on the clock: while the client is slow to take a chunk, nobody waits for the API.
    let waitingSince: number | null = null
    let watched = idleMs === 0

    async function watch(): Promise<void> {
      for (;;) {
        const left: number = waitingSince === null ? idleMs : waitingSince + idleMs - clock.monotonic()
        if (left <= 0) return timeOut()
        await clock.sleep(left, signal)
      }
    }

    async function next(): Promise<IteratorResult<Uint8Array, undefined>> {
      waitingSince = clock.monotonic()
      if (!watched) {
        watched = true
        watch().catch(ignore)
      }
      try {
        const { done, value } = await chunks.next()
        waitingSince = null
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
    stream,
    liftTotal() {
      totalApplies = false
    },
    cut: end,
    finish,
  }
}
