import { setTimeout as sleep } from 'node:timers/promises'
import { createBrowser } from '@bff/testing'
import type { Operation } from '../history/history.ts'
import { COOKIE_NAME, type Site, sessionCookieOf } from './ask.ts'
import { type Answer, send } from './http.ts'

export interface SignIn {
  readonly operation: Operation
  /** The new session's cookie; `null`: it failed. */
  readonly cookie: string | null
}

/** How long somebody looks at a provider's page that does not come. */
const PATIENCE_MS = 10_000
const NAVIGATION = { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }

/** Signs in as a browser does, through the provider's pages; begins at one process and ends at another. */
export async function signIn(site: Site, user: string, from: number, to: number): Promise<SignIn> {
  const { recorder, ports, origin } = site
  const begin = recorder.now()
  const finish = (process: number, answer: Answer | null, cookie: string | null): SignIn => {
    const status = answer?.status ?? 0
    const location = answer?.headers.location
    const code =
      location === undefined
        ? (/data-error="(\w+)"/.exec(answer?.body ?? '')?.[1] ?? null)
        : new URL(location, origin).searchParams.get('error')
    const failure = answer === null ? 'none' : status === 303 || status >= 502 ? 'unavailable' : 'other'
    const operation: Operation = {
      kind: 'signIn',
      process,
      cookie: 'none',
      begin,
      end: recorder.now(),
      status,
      code,
      outcome: cookie === null ? failure : 'ok',
      user: cookie === null ? null : user,
      setsCookie: cookie === null ? 'no' : 'new',
    }
    return { operation, cookie }
  }

  const started = await send(ports[from] ?? ports[0], {
    method: 'GET',
    path: '/bff/login?returnTo=/',
    headers: NAVIGATION,
  })
  const target = started?.headers.location
  if (started === null || target === undefined || new URL(target, origin).origin === origin)
    return finish(from, started, null)
  const limit = new AbortController()
  const callback = await Promise.race([
    createBrowser()
      .signIn(target, user)
      .catch(() => null),
    sleep(PATIENCE_MS, null, { signal: limit.signal }).catch(() => null),
  ])
  limit.abort()
  // The provider itself did not answer the browser: for the app nothing happened.
  if (callback === null) return finish(from, { status: 503, headers: {}, body: '' }, null)
  const { pathname, search } = new URL(callback)
  const ended = await send(ports[to] ?? ports[0], {
    method: 'GET',
    path: pathname + search,
    headers: { ...NAVIGATION, 'sec-fetch-site': 'cross-site', cookie: cookiesOf(started) },
  })
  const cookie = ended === null ? null : sessionCookieOf(ended)
  return finish(to, ended, cookie === '' ? null : cookie)
}

const cookiesOf = ({ headers }: Answer): string =>
  (headers['set-cookie'] ?? [])
    .map((line) => line.split(';')[0] ?? '')
    .filter((pair) => !pair.startsWith(`${COOKIE_NAME}=`))
    .join('; ')
