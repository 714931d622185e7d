import type { Bff, RequestView } from '@bff/core'
import type { TestBrowser } from '@bff/testing'
import { expect } from 'vitest'

export const ORIGIN = 'http://localhost:3000'

/** A browser on the app's page. */
export function page(bff: Bff) {
  const cookies = new Map<string, string>()
  const cookieHeader = () => [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const send = async (method: string, path: string, headers: Record<string, string>) => {
    const cookie = cookieHeader()
    const url = new URL(path, ORIGIN)
    const response = await bff.fetch(
      new Request(url, { method, headers: { ...headers, ...(cookie !== '' && { cookie }) } }),
    )
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';')
      const name = pair.slice(0, pair.indexOf('='))
      if (/; Max-Age=0(;|$)/.test(line)) cookies.delete(name)
      else cookies.set(name, pair.slice(name.length + 1))
    }
    return response
  }
  const call = (method: string, path: string) =>
    send(method, path, { 'x-csrf': '1', 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' })
  const navigate = (path: string) =>
    send('GET', path, {
      'sec-fetch-site': 'none',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
    })
  /** Signed in at the provider, and not yet back. The second step is the way back, and answers where it led. */
  const authorize = async (atProvider: TestBrowser, login = 'alice') => {
    const begun = await navigate('/bff/login')
    const callback = new URL(await atProvider.signIn(begun.headers.get('location') ?? '', login))
    return async () => (await navigate(callback.pathname + callback.search)).headers.get('location')
  }
  return {
    call,
    navigate,
    authorize,
    async signIn(atProvider: TestBrowser, login = 'alice', landing = '/') {
      const comeBack = await authorize(atProvider, login)
      expect(await comeBack()).toBe(landing)
    },
    /** A request for a page of the app's own. */
    view: (): RequestView => {
      const headers = new Map([['cookie', cookieHeader()]])
      return {
        method: 'GET',
        target: '/',
        remoteAddress: undefined,
        header: (name) => headers.get(name),
        headers: () => headers,
        body: () => undefined,
        signal: new AbortController().signal,
      }
    },
    refresh: async () => (await call('POST', '/bff/refresh')).status,
  }
}
