import type { StepUpOptions } from './bff-client.ts'
import type { Platform } from './platform.ts'
import type { SignedOutReason } from './session-state.ts'

/** A failed call to the BFF. Compare errors by `code`, never by message. */
export class BffRequestError extends Error {
  override readonly name = 'BffRequestError'
  /** The BFF's error code, `unreachable` without a response, or `unexpected_answer` for a response that is not the BFF's. */
  readonly code: string
  /** Seconds after which the client can try again, or `null`. */
  readonly retryAfter: number | null

  constructor(code: string, message = 'The BFF did not answer.', retryAfter: number | null = null) {
    super(message)
    this.code = code
    this.retryAfter = retryAfter
  }
}

/** Returns the body: an object or a list. @throws BffRequestError */
export type CallBff = (path: string, method?: 'GET' | 'POST', form?: URLSearchParams) => Promise<object>

export interface Requests {
  readonly call: CallBff
  readonly fetch: typeof fetch
}

export interface RequestsOptions {
  readonly platform: Platform
  readonly send: typeof fetch
  readonly basePath: string
  readonly headerName: string
  readonly headerValue: string
  /** Called when a response to {@link Requests.fetch} says that the session has ended. */
  readonly onEnded: (reason: SignedOutReason) => void
  /** Signs the user in as an API wants it, and returns whether to send the request again; `null`: never. */
  readonly onStepUp: ((asked: StepUpOptions) => Promise<boolean>) | null
}

const ENDS = new Set<unknown>([
  'no_session',
  'session_expired',
  'invalid_session',
  'refresh_rejected',
  'device_unproven',
  'device_required',
])

/** Whether a code of the BFF says that the session has ended. */
export const isSessionEnd = (code: unknown): code is SignedOutReason => ENDS.has(code)

/** How long a call to the BFF may take. Browsers wait for minutes: so long a page would not know who is signed in. */
const MAX_CALL_MS = 30_000

export function createRequests(options: RequestsOptions): Requests {
  const { platform, send, basePath, headerName, headerValue, onEnded, onStepUp } = options

  /** Returns whether the user has signed in again, so that the request may succeed. */
  async function notice(response: Response): Promise<boolean> {
    const body = await bodyOf(response)
    const code = fieldOf(body, 'error')
    if (isSessionEnd(code)) onEnded(code)
    if (code !== 'insufficient_user_authentication' || onStepUp === null) return false
    return onStepUp(stepUpIn(body))
  }

  return {
    async call(path, method = 'GET', form) {
      const headers = { [headerName]: headerValue }
      const timeout = new AbortController()
      const { signal } = timeout
      const init = { method, headers, cache: 'no-store', signal, ...(form && { body: form }) } as const
      const cancelTimer = platform.later(() => timeout.abort(), MAX_CALL_MS)
      const response = await send(basePath + path, init).catch(() => null)
      const body = response && (await bodyOf(response))
      cancelTimer()
      if (response === null || signal.aborted) throw new BffRequestError('unreachable')
      if (response.ok && body !== null) return body
      const code = fieldOf(body, 'error')
      const message = fieldOf(body, 'message')
      throw new BffRequestError(
        typeof code === 'string' ? code : 'unexpected_answer',
        typeof message === 'string' ? message : undefined,
        Number(response.headers.get('retry-after')) || null,
      )
    },

    async fetch(input, init) {
      const request = input instanceof Request ? input : null
      // The CSRF header proves this page: it goes to no other origin.
      if (platform.resolve(request?.url ?? String(input)).origin !== platform.origin())
        return send(input, init)
      const headers = new Headers(init?.headers ?? request?.headers)
      headers.set(headerName, headerValue)
      const again = onStepUp === null ? input : (request?.clone() ?? input)
      const response = await send(input, { ...init, headers })
      if (response.status !== 401) return response
      const isSolved = notice(response.clone())
      // A stream has been read: it cannot be sent again.
      if (onStepUp === null || init?.body instanceof ReadableStream || !(await isSolved)) return response
      return send(again, { ...init, headers })
    },
  }
}

function stepUpIn(body: object | null): StepUpOptions {
  const [acrValues, maxAge] = [fieldOf(body, 'acr_values'), fieldOf(body, 'max_age')]
  return {
    ...(typeof acrValues === 'string' && { acrValues }),
    ...(typeof maxAge === 'number' && { maxAge }),
  }
}

/** `null` for a body that is not a JSON object, such as the page of a proxy. */
async function bodyOf(response: Response): Promise<object | null> {
  const body: unknown = await response.json().catch(() => null)
  return body instanceof Object ? body : null
}

/** A field of a response, of any type. */
export const fieldOf = (body: object | null, name: string): unknown => body && Reflect.get(body, name)
