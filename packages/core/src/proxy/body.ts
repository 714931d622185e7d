import { BffError, isBffError, type RequestView } from '@bff/core'
import type { Route } from './routes.ts'

/** A request body on its way to the API. */
export interface RequestBody {
  readonly content: AsyncIterable<Uint8Array> | Uint8Array | null
  /** Bytes of a streamed body, or `null` when unknown or not streamed. */
  readonly streamedLength: number | null
  /** Why the body broke off, once it has. */
  readonly failure: () => BffError | null
}

const EMPTY: RequestBody = { content: null, streamedLength: null, failure: () => null }

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
 * The source is never told to stop: that would end the connection a refusal is to be written to.
 *
 * @throws BffError `payload_too_large`, `body_consumed`, `bad_request`
 */
export async function takeBody(
  request: RequestView,
  length: number | null,
  { maxBodyBytes, replayBodyBytes }: Route,
): Promise<RequestBody> {
  const source = length === 0 ? undefined : request.body()
  if (source === undefined) return EMPTY
  const iterator = source[Symbol.asyncIterator]()
  let count = 0
  let failure: BffError | null = null

  async function pull(): Promise<IteratorResult<Uint8Array, undefined>> {
    try {
      const { done, value } = await iterator.next()
      if (!done) count += value.byteLength
      if (maxBodyBytes > 0 && count > maxBodyBytes) throw new BffError('payload_too_large')
      if (length !== null && (done ? count !== length : count > length))
        throw malformed('The request body is not as long as declared.')
      return done ? { done, value: undefined } : { done: false, value }
    } catch (cause) {
      failure = isBffError(cause) ? cause : malformed('The request body broke off.', cause)
      throw failure
    }
  }

  const kept: Uint8Array[] = []
  while ((length ?? count) <= replayBodyBytes) {
    const { done, value } = await pull()
    if (done) return { ...EMPTY, content: count === 0 ? null : concat(kept, count) }
    kept.push(value)
  }

  async function* stream(): AsyncGenerator<Uint8Array> {
    yield* kept
    for (let next = await pull(); !next.done; next = await pull()) yield next.value
  }
  return { content: stream(), streamedLength: length, failure: () => failure }
}

/** What the client sends once a handshake is done; nobody reads it before. */
export const laterBody = (request: RequestView): RequestBody => ({
  ...EMPTY,
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
