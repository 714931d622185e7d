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
  /** Why the body broke off, once it has. */
  readonly failure: () => BffError | null
  /** Says that nobody wants what is left of a streamed body; `null` when the body is not streamed. Idempotent. */
  readonly release: (() => void) | null
}

const UNSTREAMED = { streamedLength: null, failure: () => null, release: null } as const
/** Milliseconds for which a body that nobody wants is read on. */
const DISCARD_MS = 30_000
const ignore = () => {}

/** A body that can be sent as often as needed, or none. */
export const bodyOfBytes = (content: Uint8Array | null): RequestBody => ({ ...UNSTREAMED, content })

const malformed = (message: string, cause?: unknown) => new BffError('bad_request', message, { cause })

/**
 * Bytes the body is said to have: 0 for no body, `null` for unknown.
 *
 * @throws BffError `bad_request` for framing two parsers could read differently (PRX-10, RFC 9112 §6.3),
 * `payload_too_large` (PRX-15)
 */
export function declaredLength(request: RequestView, maxBytes: number): number | null {
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
    throw malformed('The length of the request body is ambiguous.')
  const length = lengths[0] === undefined ? null : Number(lengths[0])
  if (maxBytes > 0 && (length ?? 0) > maxBytes) throw new BffError('payload_too_large')
  const bodyless = request.method === 'GET' || request.method === 'HEAD'
  if (bodyless && framings > 0 && length !== 0) throw malformed(`A ${request.method} request has no body.`)
  return bodyless ? 0 : length
}

/**
 * Takes the body: in memory when it is small enough to be sent again, else as a stream, counted either way.
 *
 * What is left of a body when the API has answered, or when it is too large, is read and dropped: a browser reads no
 * answer before it has sent the whole request, and the connection serves no other one before (RFC 9112 §9.3). The source
 * is not told to stop before {@link DISCARD_MS} have passed: that would end the connection the answer is written to.
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
    if (over) throw failure ?? malformed('Nobody wants the rest of the request body.')
    try {
      const next = iterator.next()
      reading = next
      const { done, value } = await next
      if (!done) count += value.byteLength
      if (maxBodyBytes > 0 && count > maxBodyBytes) throw new BffError('payload_too_large')
      if (length !== null && (done ? count !== length : count > length))
        throw malformed('The request body is not as long as declared.')
      if (!done) return { done: false, value }
      over = true
      return { done: true, value: undefined }
    } catch (cause) {
      failure = isBffError(cause) ? cause : malformed('The request body broke off.', cause)
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

  async function next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const value = kept.shift()
    return value === undefined ? pull() : { done: false, value }
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

/** The same body; a streamed one may stand still for `idleMs` at the most. */
export function withIdleTime(body: RequestBody, exchange: Exchange, idleMs: number): RequestBody {
  const { content, release } = body
  if (release === null || content === null || content instanceof Uint8Array) return body
  return { ...body, content: exchange.upload(content, idleMs) }
}

/** What the client sends once a handshake is done; nobody reads it before. */
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
