/** A cookie as Playwright writes it. */
export interface StoredCookie {
  readonly name: string
  readonly value: string
  readonly domain: string
  readonly path: string
  /** Epoch seconds; `-1`: until the browser closes. */
  readonly expires: number
  readonly httpOnly: boolean
  readonly secure: boolean
  readonly sameSite: 'Strict' | 'Lax' | 'None'
}

/** The storage state of Playwright. Its arrays are the caller's own. */
export interface StorageState {
  cookies: StoredCookie[]
  origins: []
}

/** The cookies of one host. */
export interface CookieJar {
  /** Takes over one `Set-Cookie` header. */
  keep(line: string): void
  /** The `Cookie` header of the next request; empty when there is no cookie. */
  header(): string
  storageState(): StorageState
}

export function createCookieJar(domain: string): CookieJar {
  const cookies = new Map<string, StoredCookie>()
  return {
    keep(line) {
      const [pair = '', ...attributes] = line.split(/; */)
      const split = pair.indexOf('=')
      const name = pair.slice(0, split).trim()
      if (isExpired(attributes)) cookies.delete(name)
      else
        cookies.set(name, {
          name,
          value: pair.slice(split + 1).trim(),
          domain,
          ...readAttributes(attributes),
        })
    },
    header: () => [...cookies.values()].map(({ name, value }) => `${name}=${value}`).join('; '),
    storageState: () => ({ cookies: [...cookies.values()], origins: [] }),
  }
}

function readAttributes(attributes: readonly string[]) {
  const sameSite = attribute(attributes, 'samesite')?.toLowerCase()
  return {
    path: attribute(attributes, 'path') ?? '/',
    expires: -1,
    httpOnly: attribute(attributes, 'httponly') !== null,
    secure: attribute(attributes, 'secure') !== null,
    sameSite: sameSite === 'strict' ? 'Strict' : sameSite === 'none' ? 'None' : 'Lax',
  } as const
}

function isExpired(attributes: readonly string[]): boolean {
  const maxAge = attribute(attributes, 'max-age')
  const expires = attribute(attributes, 'expires')
  if (maxAge !== null) return Number(maxAge) <= 0
  return expires !== null && Date.parse(expires) <= Date.now()
}

/** The value of an attribute, `''` when it has none, `null` when the cookie does not have the attribute. */
function attribute(attributes: readonly string[], name: string): string | null {
  const found = attributes.find((one) => one.split('=')[0]?.toLowerCase() === name)
  return found === undefined ? null : found.slice(name.length + 1)
}
