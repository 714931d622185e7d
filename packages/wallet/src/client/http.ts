/** How to reach the endpoints. */
export interface ClientOptions {
  /** The origin of the service, such as `https://auth.example.com`. @default the page's own origin */
  readonly url?: string
  /** The path of the wallet's endpoints. @default `/auth` */
  readonly authPath?: string
  /** Sends the requests. @default the platform's `fetch` */
  readonly fetch?: typeof fetch
}

/**
 * Refuses an option that does not exist: a typo must not become a silent default.
 *
 * @throws TypeError with the option and the known ones
 */
export function refuseUnknown(of: string, options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).find((name) => !known.includes(name))
  if (unknown !== undefined)
    throw new TypeError(`Unknown option ${unknown} of ${of}. Known options are: ${known.join(', ')}.`)
}

/** A refused or failed call. `code` is the server's error, and `status` is 0 without a response. */
export class WalletClientError extends Error {
  override readonly name = 'WalletClientError'
  readonly status: number
  readonly code: string
  /** Seconds after which the client can try again, or `null`. */
  readonly retryAfter: number | null

  constructor(status: number, code: string, retryAfter: number | null = null, options: ErrorOptions = {}) {
    super(`${code} (${status})`, options)
    this.status = status
    this.code = code
    this.retryAfter = retryAfter
  }
}

/** The headers of every call. A BFF that sets a cookie requires `x-csrf`; other services ignore it. */
const HEADERS = { 'content-type': 'application/json', 'x-csrf': '1' }

/** How long a call may take. Without a limit a silent connection would stop all that wait for a refresh. */
const MAX_CALL_MS = 30_000

/** Posts JSON. @throws WalletClientError */
export async function post(
  { url = '', fetch = globalThis.fetch }: ClientOptions,
  path: string,
  body: unknown,
): Promise<Readonly<Record<string, unknown>>> {
  const signal = AbortSignal.timeout(MAX_CALL_MS)
  const unreachable = (cause: unknown): never => {
    throw new WalletClientError(0, 'unreachable', null, { cause })
  }
  const response = await fetch(url + path, {
    method: 'POST',
    headers: HEADERS,
    body: JSON.stringify(body),
    cache: 'no-store',
    signal,
  }).catch(unreachable)
  const answer: unknown = await response
    .json()
    .catch((error: unknown) => (signal.aborted ? unreachable(error) : null))
  const members: Readonly<Record<string, unknown>> =
    typeof answer === 'object' && answer !== null ? { ...answer } : {}
  if (response.ok) return members
  const code = typeof members['error'] === 'string' ? members['error'] : `http_${response.status}`
  throw new WalletClientError(response.status, code, Number(response.headers.get('retry-after')) || null)
}

/** Returns a member that the server always sends. @throws WalletClientError when it is missing */
export function text(members: Readonly<Record<string, unknown>>, name: string): string {
  const value = members[name]
  if (typeof value === 'string') return value
  throw new WalletClientError(200, `no_${name}`)
}
