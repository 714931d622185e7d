import type { Clock } from '../contracts/clock.ts'
import type { Emit } from '../contracts/events.ts'
import type { AccessTokens, DpopKeyPair } from '../contracts/session.ts'
import type { Upstream, UpstreamRequest, UpstreamResponse } from '../contracts/upstream.ts'
import { createDpopProof, dpopNonceChallenge, type NonceCache } from '../dpop/index.ts'
import { BffError, isBffError } from '../internal/bff-error.ts'
import type { RequestBody } from './body.ts'
import type { Exchange } from './exchange.ts'
import { stepUpOf } from './step-up.ts'
import type { Bearer } from './tokens.ts'

/** A request that is ready for its API except for the credentials, which are new for each send. */
export interface Call {
  readonly method: string
  readonly url: string
  readonly origin: string
  /** Lower-case names, each once. */
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>
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
 * new token (PRX-21), if the body can be sent again. It returns every other response, also one that asks for a step-up:
 * no newer token would have it.
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
    const response = await send(call, bearer === null ? null : bearer.tokens, deps)
    if (response.status !== 401 || bearer === null || !replayable || stepUpOf(response) !== null)
      return response
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
    discard(response)
  }
}

/** A response may be endless: nobody waits for its end. */
export function discard({ bytes, body }: UpstreamResponse): void {
  if (bytes !== undefined) return
  body?.[Symbol.asyncIterator]()
    .return?.()
    .catch(() => {})
}

async function send(
  call: Call,
  tokens: AccessTokens | null,
  { upstream, nonces, clock }: SendDependencies,
): Promise<UpstreamResponse> {
  const { method, url, body, exchange, headersTimeoutMs, handshake } = call
  const authorization = tokens === null ? null : authorizationOf(tokens)
  const headers = call.headers.filter(([name]) => authorization === null || name !== 'authorization')
  if (body.streamedLength !== null) headers.push(['content-length', String(body.streamedLength)])
  if (authorization !== null) headers.push(['authorization', authorization])
  if (tokens !== null && tokens.dpopKeyPair !== null)
    headers.push(['dpop', await proofFor(call, tokens.accessToken, tokens.dpopKeyPair, nonces, clock.now())])
  try {
    const onAbort = (stop: (reason: unknown) => void) => exchange.onAbort(stop)
    const request = new SentRequest(method, url, headers, body.content, headersTimeoutMs, exchange, onAbort)
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

/** A class, because every object literal with a getter would be of a kind of its own, which costs more than the object. */
class SentRequest implements UpstreamRequest {
  // A member of its own, so that a transport's wrapper can copy the request.
  static readonly #SIGNAL = {
    enumerable: true,
    get(this: SentRequest) {
      return this.#exchange.signal
    },
  }
  declare readonly signal: AbortSignal
  readonly method: string
  readonly url: string
  readonly headers: UpstreamRequest['headers']
  readonly body: UpstreamRequest['body']
  readonly headersTimeoutMs: number
  readonly onAbort: (stop: (reason: unknown) => void) => void
  readonly #exchange: Exchange

  constructor(
    method: string,
    url: string,
    headers: UpstreamRequest['headers'],
    body: UpstreamRequest['body'],
    headersTimeoutMs: number,
    exchange: Exchange,
    // Made by the caller: V8 puts a function that is written as the value of a member into the old generation, where it would
    // keep the whole exchange, its body included, until the next full collection.
    onAbort: (stop: (reason: unknown) => void) => void,
  ) {
    this.method = method
    this.url = url
    this.headers = headers
    this.body = body
    this.headersTimeoutMs = headersTimeoutMs
    this.onAbort = onAbort
    this.#exchange = exchange
    Object.defineProperty(this, 'signal', SentRequest.#SIGNAL)
  }
}

/** By the tokens, which a session keeps until a refresh: a header made again would be copied again by the transport. */
const AUTHORIZATIONS = new WeakMap<AccessTokens, string>()

function authorizationOf(tokens: AccessTokens): string {
  const known = AUTHORIZATIONS.get(tokens)
  if (known !== undefined) return known
  const { accessToken, dpopKeyPair } = tokens
  // Transports name the value they refuse in their error: what cannot be a header must not get there (LOG-01).
  if (!/^[!-~]+$/.test(accessToken))
    throw new BffError('token_expired', 'The access token cannot be sent to an API. Sign in again.')
  const authorization = `${dpopKeyPair === null ? 'Bearer' : 'DPoP'} ${accessToken}`
  AUTHORIZATIONS.set(tokens, authorization)
  return authorization
}

async function proofFor(
  { method, url, origin }: Call,
  accessToken: string,
  keyPair: DpopKeyPair,
  nonces: NonceCache,
  now: number,
): Promise<string> {
  const nonce = nonces.get(origin)
  try {
    const given = { keyPair, method, url, accessToken, now }
    return await createDpopProof(nonce === undefined ? given : { ...given, nonce })
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
