import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { text } from 'node:stream/consumers'
import type { Bff } from '@bff/core'
import type { CookieJar } from './cookie-jar.ts'

/** A BFF in this process, or the origin of an app that listens, such as `http://localhost:3000`. */
export type SignInTarget = Pick<Bff, 'fetch' | 'options'> | string

/** A response to a navigation, whose redirect is not followed. */
export interface Opened {
  readonly status: number
  readonly location: string | null
  readonly body: string
}

/** Opens an address of the app as a browser does that navigates to it, and keeps the cookies of the response. */
export async function open(
  target: SignInTarget,
  url: string,
  jar: CookieJar,
  site: 'none' | 'cross-site',
): Promise<Opened> {
  const headers = {
    accept: 'text/html',
    'sec-fetch-site': site,
    'sec-fetch-mode': 'navigate',
    'sec-fetch-dest': 'document',
    ...(jar.header() !== '' && { cookie: jar.header() }),
  }
  const { setCookies, ...opened } =
    typeof target === 'string' ? await overTheNetwork(url, headers) : await inProcess(target, url, headers)
  for (const line of setCookies) jar.keep(line)
  return opened
}

type Answer = Opened & { readonly setCookies: readonly string[] }

async function inProcess(
  bff: Exclude<SignInTarget, string>,
  url: string,
  headers: Record<string, string>,
): Promise<Answer> {
  const response = await bff.fetch(new Request(url, { headers }))
  return {
    status: response.status,
    location: response.headers.get('location'),
    body: await response.text(),
    setCookies: response.headers.getSetCookie(),
  }
}

/** By `node:http`, because `fetch` does not let anyone set `Sec-Fetch-Mode`. */
function overTheNetwork(url: string, headers: Record<string, string>): Promise<Answer> {
  const request = url.startsWith('https:') ? requestHttps : requestHttp
  return new Promise((resolve, reject) => {
    request(url, { headers }, (response) => {
      const { statusCode: status = 0, headers: got } = response
      text(response).then(
        (body) =>
          resolve({ status, location: got.location ?? null, body, setCookies: got['set-cookie'] ?? [] }),
        reject,
      )
    })
      .on('error', reject)
      .end()
  })
}
