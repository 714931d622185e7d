/** How the routes are reached. */
export interface ClientOptions {
  /** Where the service is, such as `https://auth.example.com`. @default the page's own origin */
  readonly url?: string
  /** @default `/auth` */
  readonly authPath?: string
  /** @default the platform's `fetch` */
  readonly fetch?: typeof fetch
}

/** An answer that was not a yes. `code` is what the server said, `status` 0 when it said nothing. */
export class WalletClientError extends Error {
  override readonly name = 'WalletClientError'
  readonly status: number
  readonly code: string
  /** Seconds after which trying again makes sense, or `null`. */
  readonly retryAfter: number | null

  constructor(status: number, code: string, retryAfter: number | null = null, options: ErrorOptions = {}) {
    super(`${code} (${status})`, options)
    this.status = status
    this.code = code
    this.retryAfter = retryAfter
  }
}

/** Asked for by a BFF where a cookie comes of it; elsewhere it does no harm. */
const HEADERS = { 'content-type': 'application/json', 'x-csrf': '1' }

/** Posts JSON. @throws WalletClientError */
export async function post(
  { url = '', fetch = globalThis.fetch }: ClientOptions,
  path: string,
  body: unknown,
): Promise<Readonly<Record<string, unknown>>> {
  const response = await fetch(url + path, {
    method: 'POST',
    headers: HEADERS,
    body: JSON.stringify(body),
    cache: 'no-store',
  }).catch((cause: unknown) => {
    throw new WalletClientError(0, 'unreachable', null, { cause })
  })
  const answer: unknown = await response.json().catch(() => null)
  const members: Readonly<Record<string, unknown>> =
    typeof answer === 'object' && answer !== null ? { ...answer } : {}
  if (response.ok) return members
  const code = typeof members['error'] === 'string' ? members['error'] : `http_${response.status}`
  throw new WalletClientError(response.status, code, Number(response.headers.get('retry-after')) || null)
}

/** A member the server always sends. @throws WalletClientError when it did not */
export function text(members: Readonly<Record<string, unknown>>, name: string): string {
  const value = members[name]
  if (typeof value === 'string') return value
  throw new WalletClientError(200, `no_${name}`)
}
