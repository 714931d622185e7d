import { createBrowser } from '@bff/testing'
import { APP_ORIGIN } from '../protocol.ts'
import type { Load } from './load.ts'

/** How many browsers sign in at once. */
const BROWSERS = 8

/**
 * Signs a user in as a browser without cookies does: the app, the pages of the provider, the app again, and the first request with the
 * session. Returns the `Cookie` header.
 */
export async function signIn(origin: string, login: string): Promise<string> {
  const cookies = new Map<string, string>()
  const authorization = (await request(origin + login, cookies, NAVIGATION)).headers.get('location') ?? ''
  const callback = new URL(await createBrowser().signIn(authorization, 'alice'))
  if (callback.origin !== APP_ORIGIN) throw new Error(`The sign-in ended at ${callback.origin}.`)
  await request(origin + callback.pathname + callback.search, cookies, NAVIGATION)
  await request(`${origin}/orders`, cookies, FROM_THE_PAGE)
  return headerOf(cookies)
}

const NAVIGATION = { accept: 'text/html', 'sec-fetch-site': 'none' }
const FROM_THE_PAGE = { accept: 'application/json', 'sec-fetch-site': 'same-origin', 'x-csrf': '1' }

/** Asks the app, without following where that leads, and keeps its cookies. */
async function request(
  url: string,
  cookies: Map<string, string>,
  headers: Readonly<Record<string, string>>,
): Promise<Response> {
  const response = await fetch(url, {
    redirect: 'manual',
    headers: { ...headers, ...(cookies.size > 0 && { cookie: headerOf(cookies) }) },
  })
  const text = await response.text()
  if (response.status >= 400) throw new Error(`${url} answered ${response.status}: ${text}`)
  for (const line of response.headers.getSetCookie()) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
    if (value === '' || /;\s*max-age=0/i.test(line)) cookies.delete(name)
    else cookies.set(name, value)
  }
  return response
}

const headerOf = (cookies: ReadonlyMap<string, string>) =>
  [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')

/** Signs in so many times, and counts what passes between the first request and the session. */
export async function signInOften(origin: string, login: string, times: number): Promise<Load> {
  const latencies: number[] = []
  let left = times
  const browser = async () => {
    while (left > 0) {
      left -= 1
      const begun = performance.now()
      await signIn(origin, login)
      latencies.push(performance.now() - begun)
    }
  }
  const begun = performance.now()
  await Promise.all(Array.from({ length: BROWSERS }, browser))
  return { count: times, seconds: (performance.now() - begun) / 1000, latencies }
}
