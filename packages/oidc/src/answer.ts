import { BffError } from '@bff/core'
import { forOperators } from './cause.ts'
import { conformed } from './conformed.ts'

const MAX_BODY_BYTES = 1024 * 1024
const MAX_RETRY_AFTER_SECONDS = 3600
const NONCE_ERROR = 'use_dpop_nonce'

/**
 * Too late, too early, too many: the provider asks to wait, regardless of the body (RFC 9110 §15.5.9, RFC 8470, RFC 6585).
 */
const WAIT_STATUSES: ReadonlySet<number> = new Set([408, 425, 429])

/** The last response of an endpoint, as far as it explains an error. */
export interface Answer {
  /** The address that answered. */
  readonly from: string
  readonly status: number
  /** The `error` of a JSON object of any media type, answered with 4xx or in place of a token; otherwise `null`. */
  readonly error: string | null
  /** The provider's own `error_description`, cleaned for an operator's log; otherwise `null`. */
  readonly description: string | null
  /** Whether the endpoint itself answered the request, even if it refused it (RFC 6749 §5): then it is not down. */
  readonly isInDueForm: boolean
  /** Whether it asks for a nonce in the DPoP proof, in its body or in its challenge (RFC 9449 §8, §9). */
  readonly asksForNonce: boolean
  /** Seconds, from `Retry-After`; otherwise `null`. */
  readonly retryAfter: number | null
}

/** Returns an address as an operator may see it: without its query, which can hold secrets. */
export function addressOf(url: string): string {
  const { origin, pathname } = new URL(url)
  return origin + pathname
}

/** A response that was read to its end, so that it cannot fail later. */
export interface ReadResponse {
  readonly response: Response
  readonly answer: Answer
}

/**
 * @param sent values of the request, which a description may repeat, and which must not be logged
 * @throws BffError `provider_unavailable` for a redirect and for a body over 1 MiB (RFT-16)
 */
export async function readResponse(
  url: string,
  response: Response,
  now: number,
  sent: readonly string[],
): Promise<ReadResponse> {
  if (response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400)) {
    await response.body?.cancel()
    throw new BffError(
      'provider_unavailable',
      'The identity provider answered with a redirect. Its operator must check the address of the endpoint.',
    )
  }
  const body = await readBody(response)
  const { status } = response
  const parsed = status < 300 || isRefusal(status) ? parseJsonObject(body) : null
  const json = parsed === null ? null : conformed(parsed)
  const error = errorOf(json)
  const challenge = response.headers.get('www-authenticate') ?? ''
  const answer = {
    from: addressOf(url),
    status,
    error,
    description: error === null ? null : descriptionOf(json?.['error_description'], sent),
    isInDueForm: json !== null && (status < 300 || error !== null) && !WAIT_STATUSES.has(status),
    asksForNonce: error === NONCE_ERROR || challenge.includes(`error="${NONCE_ERROR}"`),
    retryAfter: parseRetryAfter(response.headers.get('retry-after'), now),
  }
  const headers = new Headers(response.headers)
  // Some providers name another media type or none, and openid-client would not look into the body then.
  if (json !== null) headers.set('content-type', 'application/json')
  // The parsed error tells more than the challenge, which openid-client would look at first.
  if (answer.error !== null) headers.delete('www-authenticate')
  const hasNoBody = status === 204 || status === 205
  const text = json === null ? body : JSON.stringify(json)
  return { response: new Response(hasNoBody ? null : text, { status, headers }), answer }
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
      throw new BffError(
        'provider_unavailable',
        'The response of the identity provider is too large. Try again shortly.',
      )
    }
    text += decoder.decode(value, { stream: true })
  }
}

const isRefusal = (status: number): boolean => status >= 400 && status < 500

function errorOf(json: Readonly<Record<string, unknown>> | null): string | null {
  const error = json?.['access_token'] === undefined ? json?.['error'] : null
  return typeof error === 'string' && error !== '' ? error : null
}

function descriptionOf(text: unknown, sent: readonly string[]): string | null {
  if (typeof text !== 'string' || text === '') return null
  return forOperators(sent.reduce((rest, value) => (value === '' ? rest : rest.replaceAll(value, '…')), text))
}

function parseJsonObject(body: string): Readonly<Record<string, unknown>> | null {
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
