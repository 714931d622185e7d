import type { Readable } from 'node:stream'
import { BffError, isBffError } from '@bff/core'
import type { UpstreamResponse } from '@bff/core/proxy'

const ignore = () => {}

type Headers = UpstreamResponse['headers']

/** Raw headers, names and values in turn, as pairs. */
export function pairsOf(raw: unknown): Headers {
  const pairs: Array<readonly [string, string]> = []
  if (!Array.isArray(raw)) return pairs
  for (let at = 0; at + 1 < raw.length; at += 2)
    pairs.push([String(raw[at]).toLowerCase(), String(raw[at + 1])])
  return pairs
}

export function isEmpty(method: string, status: number, headers: Headers): boolean {
  if (method === 'HEAD' || status === 204 || status === 304) return true
  return headers.some(([name, value]) => name === 'content-length' && Number(value) === 0)
}

/**
 * Makes an API's response for the proxy. A response without content is drained, so that its connection can be used again.
 */
export function responseOf(
  { method, signal }: { readonly method: string; readonly signal: AbortSignal },
  status: number,
  rawHeaders: unknown,
  body: Readable,
): UpstreamResponse {
  const headers = pairsOf(rawHeaders)
  // A reader sees the failure; without a reader it must not end the process.
  body.on('error', ignore)
  if (!isEmpty(method, status, headers)) return { status, headers, body: readable(body, signal) }
  body.resume()
  return { status, headers, body: null }
}

function readable(body: Readable, signal: AbortSignal): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]() {
      const chunks: AsyncIterator<Uint8Array> = body[Symbol.asyncIterator]()
      return {
        async next() {
          try {
            return await chunks.next()
          } catch (error) {
            throw failure(error, signal)
          }
        },
        // Returning from the stream's own iterator does nothing before the first chunk, and waits for the next.
        async return() {
          body.destroy()
          return { done: true, value: undefined }
        },
      }
    },
  }
}

const TIMEOUTS = new Set(['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'ETIMEDOUT'])

/** Returns what a transport throws for an error. */
export const failure = (error: unknown, signal: AbortSignal): unknown =>
  signal.aborted ? signal.reason : failureOf(error)

/** As {@link failure}, when the signal has not aborted. */
export function failureOf(error: unknown): BffError {
  if (isBffError(error)) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return new BffError(TIMEOUTS.has(code) ? 'upstream_timeout' : 'upstream_unavailable', undefined, {
    cause: error,
  })
}
