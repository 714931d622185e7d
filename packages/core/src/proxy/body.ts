import type { Clock } from '../contracts/clock.ts'
import type { RequestView } from '../contracts/request-view.ts'
import { BffError, isBffError } from '../internal/bff-error.ts'
import type { Exchange } from './exchange.ts'
import type { Route } from './routes.ts'

/** A request body on its way to the API. */
export interface RequestBody {
  readonly content: AsyncIterable<Uint8Array> | Uint8Array | null
  /** Bytes of a streamed body, or `null` when unknown or not streamed. */
  readonly streamedLength: number | null
  /** Returns why the body ended early; `null` when it did not. */
  readonly failure: () => BffError | null
  /** Discards the rest of a streamed body; `null` when the body is not streamed. Idempotent. */
  readonly release: (() => void) | null
}

const UNSTREAMED = { streamedLength: null, failure: () => null, release: null } as const
/** How long a discarded body is still read, in milliseconds. */
const DISCARD_MS = 30_000
const ignore = () => {}

/** Makes a body that can be sent again, or no body. */
export const bodyOfBytes = (content: Uint8Array | null): RequestBody => ({
  content,
  streamedLength: null,
  failure: UNSTREAMED.failure,
  release: null,
})

const malformed = (message: string, cause?: unknown) => new BffError('bad_request', message, { cause })

/**
 * Returns the declared length of the body in bytes: 0 for no body, `null` when it is unknown.
 *
 * @throws BffError `bad_request` for framing that two parsers could read differently (RFC 9112 §6.3, PRX-10),
 * `payload_too_large` (PRX-15)
 */
export function declaredLength(request: RequestView, maxBytes: number): number | null {
  // Most requests name no length: they need no list.
  if (request.header('content-length') === undefined && request.header('transfer-encoding') === undefined)
    return request.method === 'GET' || request.method === 'HEAD' ? 0 : null
  const lengths: string[] = []
  const codings: string[] = []
  for (const [name, value] of request.headers()) {
    if (name === 'content-length') lengths.push(value)
    else if (name === 'transfer-encoding') codings.push(value)
  }
  const framings = lengths.length + codings.length
  if (
    framings > 1 ||
    (codings[0] ?? 'chunked').toLowerCase() !== 'chunked' ||
    !/^\d{1,15}$/.test(lengths[0] ?? '0')
  )
    throw malformed(
      'The length of the request body is ambiguous. Send one Content-Length or chunked encoding.',
    )
  const length = lengths[0] === undefined ? null : Number(lengths[0])
  if (maxBytes > 0 && (length ?? 0) > maxBytes) throw new BffError('payload_too_large')
  const bodyless = request.method === 'GET' || request.method === 'HEAD'
  if (bodyless && framings > 0 && length !== 0)
    throw malformed(`A ${request.method} request must not have a body.`)
  return bodyless ? 0 : length
}

/**
 * Reads the body: into memory when it is small enough to be sent again, otherwise as a stream. It counts the bytes of both.
 *
 * When the API has answered, or the body is too large, it reads and discards the rest: a browser reads no response before it
 * has sent the whole request, and the connection serves no other request before that (RFC 9112 §9.3). It does not stop the
 * source before {@link DISCARD_MS} have passed: that would close the connection before the response is written.
 *
 * @throws BffError `payload_too_large`, `body_consumed`, `bad_request`
 */
export async function takeBody(
  request: RequestView,
  length: number | null,
  { maxBodyBytes, replayBodyBytes }: Route,
  clock: Clock,
): Promise<RequestBody> {
  const source = length === 0 ? undefined : request.body()
  if (source === undefined) return bodyOfBytes(null)
  const iterator = source[Symbol.asyncIterator]()
  let count = 0
  let failure: BffError | null = null
  let reading: Promise<unknown> = Promise.resolve()
  let over = false

  async function pull(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (over) throw failure ?? malformed('The rest of the request body was discarded.')
    try {
      const next = iterator.next()
      reading = next
      const { done, value } = await next
      if (!done) count += value.byteLength
      if (maxBodyBytes > 0 && count > maxBodyBytes) throw new BffError('payload_too_large')
      if (length !== null && (done ? count !== length : count > length))
        throw malformed('The request body is not as long as declared. Send its exact length.')
      if (!done) return { done: false, value }
      over = true
      return { done: true, value: undefined }
    } catch (cause) {
      failure = isBffError(cause) ? cause : malformed('The request body ended early. Send it again.', cause)
      release()
      throw failure
    }
  }

  function release(): void {
    if (over) return
    over = true
    reading.then(() => discard(iterator, clock)).catch(ignore)
  }

  const kept: Uint8Array[] = []
  while ((length ?? count) <= replayBodyBytes) {
    const { done, value } = await pull()
    if (done) return bodyOfBytes(count === 0 ? null : concat(kept, count))
    kept.push(value)
  }

  function next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const value = kept.shift()
    return value === undefined ? pull() : Promise.resolve({ done: false, value })
  }
  // Not a generator: returning from one that has not started would release nothing.
  const content = {
    [Symbol.asyncIterator]: () => ({
      next,
      async return(): Promise<IteratorResult<Uint8Array, undefined>> {
        release()
        return { done: true, value: undefined }
      },
    }),
  }
  return { content, streamedLength: length, failure: () => failure, release }
}

/** Reads and drops what is left of a body, and after {@link DISCARD_MS} ends its source. */
async function discard(chunks: AsyncIterator<Uint8Array>, clock: Clock): Promise<void> {
  const read = new AbortController()
  let late = false
  const stop = () => {
    late = true
    return chunks.return?.()
  }
  clock.sleep(DISCARD_MS, read.signal).then(stop).catch(ignore)
  try {
    while (!late && !(await chunks.next()).done);
  } finally {
    read.abort()
  }
}

/** Returns the same body; a streamed one may pause for at most `idleMs`. */
export function withIdleTime(body: RequestBody, exchange: Exchange, idleMs: number): RequestBody {
  const { content, release } = body
  if (release === null || content === null || content instanceof Uint8Array) return body
  return { ...body, content: exchange.upload(content, idleMs) }
}

/** What the client sends after a handshake; it is not read before. */
export const laterBody = (request: RequestView): RequestBody => ({
  ...UNSTREAMED,
  content: request.body() ?? null,
})

function concat(chunks: readonly Uint8Array[], size: number): Uint8Array {
  if (chunks.length === 1 && chunks[0]) return chunks[0]
  const whole = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.byteLength
  }
  return whole
}
