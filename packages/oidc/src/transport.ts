import { BffError, type Clock, type DpopKeyPair, isBffError } from '@bff/core'
import { createLru, type Lru } from '@bff/core/authoring'
import { createDpopProof } from '@bff/core/dpop'
import type { CustomFetch, CustomFetchOptions } from 'openid-client'
import { type Answer, addressOf, readResponse } from './answer.ts'
import type { Permit } from './breaker.ts'
import { causeOf } from './cause.ts'

const MAX_NONCE_ORIGINS = 100

/** The function that sends every request to the provider; the platform's `fetch` fits. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** One operation at the provider: all its requests share one deadline, and one permit of a breaker. */
export interface Call {
  /** Aborts at the deadline, and when the caller stops waiting. */
  readonly signal: AbortSignal
  readonly fetch: CustomFetch
  /** Returns the last response, or `null` before the first. */
  readonly answer: () => Answer | null
  /** A sentence about another possible cause when the provider refuses the client's credentials; `null` without one. */
  readonly credentialsHint: string | null
  /** Returns why the last request got no response, or `null`. */
  readonly fault: () => BffError | null
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined
  /**
   * Sends a proof with this key in every POST and with every access token (RFC 9449 §5, §7), including the retry after a nonce
   * challenge.
   */
  readonly keyPair?: DpopKeyPair | null
  /** @default the transport's own */
  readonly timeoutMs?: number
  /**
   * Asks a breaker before the first request; `null`: its outcome does not count. @default no breaker: an action of one user
   * needs none, and its failures must not stop the calls of others
   */
  readonly admit?: () => Permit | null
  /** Converts every thrown value into the error to throw. */
  readonly explain: (error: unknown, call: Call) => BffError
}

export interface TransportOptions {
  readonly clock: Clock
  readonly fetch: Fetch
  readonly timeoutMs: number
  readonly credentialsHint: string | null
}

export interface Transport {
  /** Runs `work` once, and once more when it failed because a DPoP nonce was missing (RFC 9449 §8, DPO-08, DPO-12). */
  call<Result>(options: CallOptions, work: (call: Call) => Promise<Result>): Promise<Result>
}

export function createTransport(transport: TransportOptions): Transport {
  // By origin, not by key: a nonce is the server's, and the newest one wins (DPO-10).
  const nonces = createLru<string>(MAX_NONCE_ORIGINS)

  return {
    call: async (options, work) => {
      const finished = new AbortController()
      const signal = deadline(transport, options, finished.signal)
      const state: CallState = { permit: undefined, answer: null, fault: null, nonceArrived: false }
      const call: Call = {
        signal,
        credentialsHint: transport.credentialsHint,
        fetch: async (url, init) => {
          state.answer = null
          state.fault = null
          try {
            if (state.permit === undefined) state.permit = options.admit?.() ?? null
            return await send(transport, nonces, options, state, url, { ...init, signal })
          } catch (error) {
            state.fault = faultOf(error, url, signal)
            throw state.fault
          }
        },
        answer: () => state.answer,
        fault: () => state.fault,
      }
      try {
        const result = await work(call).catch((error: unknown) => {
          if (!isNonceChallenge(options, state)) throw error
          return work(call)
        })
        state.permit?.succeeded()
        return result
      } catch (thrown) {
        const error = options.explain(thrown, call)
        settle(state, options.signal)
        throw error
      } finally {
        finished.abort()
      }
    },
  }
}

interface CallState {
  /** `undefined` before the first request. */
  permit: Permit | null | undefined
  answer: Answer | null
  fault: BffError | null
  nonceArrived: boolean
}

async function send(
  { clock, fetch }: TransportOptions,
  nonces: Lru<string>,
  { keyPair }: CallOptions,
  state: CallState,
  url: string,
  init: CustomFetchOptions,
): Promise<Response> {
  const { origin } = new URL(url)
  const headers = { ...init.headers }
  const accessToken = /^Bearer (.+)$/.exec(headers['authorization'] ?? '')?.[1]
  if (keyPair && (init.method === 'POST' || accessToken !== undefined)) {
    const nonce = nonces.get(origin)
    headers['dpop'] = await createDpopProof({
      ...{ keyPair, method: init.method, url, now: clock.now() },
      ...(nonce !== undefined && { nonce }),
      ...(accessToken !== undefined && { accessToken }),
    })
    if (accessToken !== undefined) headers['authorization'] = `DPoP ${accessToken}`
  }
  const response = await fetch(url, {
    method: init.method,
    headers,
    body: init.body instanceof URLSearchParams ? init.body.toString() : textOf(init.body),
    redirect: 'manual',
    signal: init.signal ?? null,
  })
  const nonce = response.headers.get('dpop-nonce')
  if (nonce !== null) nonces.set(origin, nonce)
  state.nonceArrived = nonce !== null
  const read = await readResponse(url, response, clock.now(), secretsIn(init.body))
  state.answer = read.answer
  return read.response
}

const textOf = (body: unknown): string | null => (typeof body === 'string' ? body : null)

const SECRET_PARAMETERS = new Set([
  ...['code', 'code_verifier', 'refresh_token', 'token', 'subject_token', 'actor_token'],
  ...['client_secret', 'client_assertion', 'nonce', 'state'],
])

function secretsIn(body: unknown): string[] {
  if (!(body instanceof URLSearchParams)) return []
  return [...body].filter(([name]) => SECRET_PARAMETERS.has(name)).map(([, value]) => value)
}

function isNonceChallenge({ keyPair }: CallOptions, state: CallState): boolean {
  return keyPair != null && state.answer?.asksForNonce === true && state.nonceArrived
}

function faultOf(error: unknown, url: string, signal: AbortSignal): BffError {
  if (isBffError(error)) return error
  return new BffError('provider_unavailable', undefined, {
    cause: causeOf(signal.aborted ? signal.reason : error, `no answer from ${addressOf(url)}`),
  })
}

/** The content of the response does not matter: an endpoint that refuses with a well-formed response is not down. */
function settle({ permit, fault, answer }: CallState, caller: AbortSignal | undefined): void {
  if (caller?.aborted) permit?.abandoned()
  else if (fault === null && answer?.isInDueForm) permit?.succeeded()
  else permit?.failed(answer?.retryAfter ?? null)
}

function deadline(transport: TransportOptions, options: CallOptions, finished: AbortSignal): AbortSignal {
  const timeout = new AbortController()
  const timeoutMs = options.timeoutMs ?? transport.timeoutMs
  transport.clock.sleep(timeoutMs, finished).then(
    () => timeout.abort(new DOMException(`No answer within ${timeoutMs} ms.`, 'TimeoutError')),
    () => {},
  )
  return options.signal ? AbortSignal.any([timeout.signal, options.signal]) : timeout.signal
}

/** Resolves as `promise`, or rejects with the signal's reason when it aborts first; the promise itself continues. */
export function untilAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  if (signal.aborted) return Promise.reject(signal.reason)
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
