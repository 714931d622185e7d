import type { Clock } from '../contracts/clock.ts'
import type { Emit } from '../contracts/events.ts'
import type { AccessTokens } from '../contracts/session.ts'
import type { Upstream, UpstreamRequest, UpstreamResponse } from '../contracts/upstream.ts'
import { createDpopProof, dpopNonceChallenge, type NonceCache } from '../dpop/index.ts'
import { BffError, isBffError } from '../internal/bff-error.ts'
import type { RequestBody } from './body.ts'
import type { Exchange } from './exchange.ts'
import type { Bearer } from './tokens.ts'

/** A request that is ready for its API except for the credentials, which are new for each send. */
export interface Call {
  readonly method: string
  readonly url: string
  readonly origin: string
  readonly headers: ReadonlyMap<string, string>
  readonly body: RequestBody
  readonly headersTimeoutMs: number
  readonly exchange: Exchange
  /** A WebSocket handshake: the body is what follows it. @default false */
  readonly handshake?: boolean
}

export interface SendDependencies {
  readonly upstream: Upstream
  readonly nonces: NonceCache
  readonly clock: Clock
  readonly emit: Emit
}

/**
 * Sends the call. After a 401 it sends again, at most once with a new nonce (RFC 9449 §9, DPO-09) and at most once with a
 * new token (PRX-21), if the body can be sent again. It returns every other response.
 */
export async function sendAuthorized(
  call: Call,
  first: Bearer | null,
  deps: SendDependencies,
): Promise<UpstreamResponse> {
  const { content } = call.body
  const replayable = call.handshake || content === null || content instanceof Uint8Array
  let bearer = first
  let replaced = false
  let challenged = false
  for (;;) {
    const response = await send(call, bearer?.tokens ?? null, deps)
    if (response.status !== 401 || bearer === null || !replayable) return response
    const challenge = nonceChallenge(response)
    if (challenge ? challenged || !bearer.tokens.dpopKeyPair : replaced) return response
    if (challenge) {
      challenged = true
      deps.emit({ type: 'dpop.nonce_retry', origin: call.origin })
    } else {
      replaced = true
      const next = await bearer.replaceRefused()
      if (next === null) return response
      bearer = next
    }
    // The response to discard may be endless: do not wait for its end.
    response.body?.[Symbol.asyncIterator]()
      .return?.()
      .catch(() => {})
  }
}

async function send(
  call: Call,
  tokens: AccessTokens | null,
  { upstream, nonces, clock }: SendDependencies,
): Promise<UpstreamResponse> {
  const { method, url, body, exchange, headersTimeoutMs, handshake } = call
  const headers = new Map(call.headers)
  if (body.streamedLength !== null) headers.set('content-length', String(body.streamedLength))
  if (tokens !== null) await authorize(headers, tokens, call, nonces, clock.now())
  try {
    const request: UpstreamRequest = {
      method,
      url,
      headers: [...headers],
      body: body.content,
      signal: exchange.signal,
      headersTimeoutMs,
    }
    const response = await (handshake && upstream.upgrade
      ? upstream.upgrade(request)
      : upstream.send(request))
    const nonce = headerOf(response, 'dpop-nonce')
    if (tokens?.dpopKeyPair && nonce !== undefined) nonces.set(call.origin, nonce)
    return response
  } catch (cause) {
    throw body.failure() ?? exchange.failure(cause)
  }
}

async function authorize(
  headers: Map<string, string>,
  { accessToken, dpopKeyPair: keyPair }: AccessTokens,
  { method, url, origin }: Call,
  nonces: NonceCache,
  now: number,
): Promise<void> {
  // Transports name the value they refuse in their error: what cannot be a header must not get there (LOG-01).
  if (!/^[!-~]+$/.test(accessToken))
    throw new BffError('token_expired', 'The access token cannot be sent to an API. Sign in again.')
  headers.set('authorization', `${keyPair === null ? 'Bearer' : 'DPoP'} ${accessToken}`)
  if (keyPair === null) return
  const nonce = nonces.get(origin)
  try {
    headers.set(
      'dpop',
      await createDpopProof({
        keyPair,
        method,
        url,
        accessToken,
        now,
        ...(nonce !== undefined && { nonce }),
      }),
    )
  } catch (cause) {
    throw isBffError(cause, 'dpop_failed') ? cause : new BffError('dpop_failed', undefined, { cause })
  }
}

function nonceChallenge(response: UpstreamResponse): boolean {
  const challenges = response.headers
    .filter(([name]) => name === 'www-authenticate')
    .map(([, value]) => value)
  return headerOf(response, 'dpop-nonce') !== undefined && dpopNonceChallenge(challenges.join(', '))
}

const headerOf = ({ headers }: UpstreamResponse, wanted: string) =>
  headers.find(([name]) => name === wanted)?.[1]
