import type { Bff } from '@bff/core'

const NAVIGATION = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
const SCRIPT = { 'x-csrf': '1', 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' }

/** A browser of one person at one origin of the app. */
export class Person {
  readonly origin: string
  readonly user: string
  readonly cookies = new Map<string, string>()

  constructor(origin: string, user: string) {
    this.origin = origin
    this.user = user
  }

  /** Opens an address: by itself, or sent there by another site. */
  navigate(bff: Bff, path: string, site: 'none' | 'cross-site' = 'none'): Promise<Response> {
    return this.#send(bff, 'GET', path, { ...NAVIGATION, 'sec-fetch-site': site })
  }

  call(bff: Bff, method: string, path: string): Promise<Response> {
    return this.#send(bff, method, path, { ...SCRIPT, origin: this.origin })
  }

  async isSignedIn(bff: Bff): Promise<boolean> {
    const body = (await (await this.call(bff, 'GET', '/bff/session')).json()) as { authenticated?: boolean }
    return body.authenticated === true
  }

  /** The claims that `GET /bff/user` shows, by type. */
  async claims(bff: Bff): Promise<Readonly<Record<string, string>>> {
    const list: unknown = await (await this.call(bff, 'GET', '/bff/user')).json()
    if (!Array.isArray(list)) return {}
    return Object.fromEntries(list.map(({ type, value }) => [type, String(value)]))
  }

  async #send(bff: Bff, method: string, path: string, headers: Record<string, string>): Promise<Response> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const request = new Request(this.origin + path, {
      method,
      headers: { ...headers, ...(cookie !== '' && { cookie }) },
      redirect: 'manual',
    })
    const response = await bff.fetch(request)
    for (const set of response.headers.getSetCookie()) this.#keep(set)
    return response
  }

  #keep(set: string): void {
    const [pair = ''] = set.split(';', 1)
    const name = pair.slice(0, pair.indexOf('='))
    if (/; Max-Age=0(;|$)/.test(set)) this.cookies.delete(name)
    else this.cookies.set(name, pair.slice(name.length + 1))
  }
}
