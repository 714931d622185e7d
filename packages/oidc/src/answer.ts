import { BffError } from '@bff/core'

const MAX_BODY_BYTES = 1024 * 1024
const MAX_RETRY_AFTER_SECONDS = 3600

/** What an endpoint said last, as far as an error has to be explained by it. */
export interface Answer {
  readonly status: number
  /** The `error` of a JSON body answered with 400 or 401 (RFC 6749 §5.2), else `null`. */
  readonly error: string | null
  /** Seconds, from `Retry-After`, else `null`. */
  readonly retryAfter: number | null
}

/** A response read to its end, so that nothing of it can still fail or keep coming. */
export interface ReadResponse {
  readonly response: Response
  readonly answer: Answer
}

/** @throws BffError `provider_unavailable` for a redirect and for a body over 1 MiB (RFT-16) */
export async function readResponse(response: Response, now: number): Promise<ReadResponse> {
  if (response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400)) {
    await response.body?.cancel()
    throw new BffError('provider_unavailable', 'The identity provider answered with a redirect.')
  }
  const body = await readBody(response)
  const answer = {
    status: response.status,
    error: parseError(response, body),
    retryAfter: parseRetryAfter(response.headers.get('retry-after'), now),
  }
  const headers = new Headers(response.headers)
  // The parsed error tells more than the challenge, which openid-client would look at first.
  if (answer.error !== null) headers.delete('www-authenticate')
  const hasNoBody = response.status === 204 || response.status === 205
  return { response: new Response(hasNoBody ? null : body, { status: response.status, headers }), answer }
}

async function readBody(response: Response): Promise<string> {
  if (response.body === null) return ''
  const decoder = new TextDecoder()
  const reader = response.body.getReader()
  let text = ''
  let size = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    size += value.byteLength
    if (size > MAX_BODY_BYTES) {
      await reader.cancel()
      throw new BffError('provider_unavailable', 'The identity provider answered with too large a body.')
    }
    text += decoder.decode(value, { stream: true })
  }
}

function parseError(response: Response, body: string): string | null {
  if (response.status !== 400 && response.status !== 401) return null
  const error = parseJsonObject(response, body)?.['error']
  return typeof error === 'string' && error !== '' ? error : null
}

function parseJsonObject(response: Response, body: string): Readonly<Record<string, unknown>> | null {
  if (!/^application\/json\s*(;|$)/i.test(response.headers.get('content-type') ?? '')) return null
  try {
    const value: unknown = JSON.parse(body)
    return isObject(value) ? value : null
  } catch {
    return null
  }
}

function parseRetryAfter(value: string | null, now: number): number | null {
  if (value === null) return null
  const seconds = /^\d{1,9}$/.test(value.trim()) ? Number(value) : Math.ceil((Date.parse(value) - now) / 1000)
  return Number.isNaN(seconds) || seconds < 0 ? null : Math.min(seconds, MAX_RETRY_AFTER_SECONDS)
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
