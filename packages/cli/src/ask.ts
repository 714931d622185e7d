import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { text } from 'node:stream/consumers'
import type { Clock } from '@bff/core'

/** A response, read to its end; a redirect is not followed. */
export interface Answer {
  readonly status: number
  readonly header: (name: string) => string | null
  readonly setCookies: readonly string[]
  readonly body: string
  /** Epoch milliseconds of the `Date` header and of this machine when it came; `null` without one. */
  readonly clocks: { readonly there: number; readonly here: number } | null
}

/** No response came, or only a part of it. */
export interface NoAnswer {
  /** The code of the error, such as `ECONNRESET`; `ETIMEDOUT` when it took too long. */
  readonly failure: string
}

type Headers = Readonly<Record<string, string>>

/** Never rejects, so that no check can take the findings of the others with it. */
export type Ask = (url: string, headers?: Headers) => Promise<Answer | NoAnswer>

/** Longer than `oidc()` waits for the provider, 10 seconds by default: the BFF then says itself what is wrong. */
const PATIENCE_MS = 15_000

/** What a browser sends that opens an address. By `node:http`, because `fetch` does not let anyone set `Sec-Fetch-Mode`. */
export const OPENED = {
  accept: 'text/html',
  'sec-fetch-site': 'none',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
}

/** What a script on the app's own page sends. */
export const FETCHED = { 'x-csrf': '1', 'sec-fetch-site': 'same-origin' }

export function createAsk(clock: Clock): Ask {
  return async (url, headers = {}) => {
    const done = new AbortController()
    const late = new AbortController()
    clock.sleep(PATIENCE_MS, done.signal).then(
      () => late.abort(),
      () => {},
    )
    try {
      return await send(url, headers, late.signal, clock)
    } catch (error) {
      return { failure: late.signal.aborted ? 'ETIMEDOUT' : codeOf(error) }
    } finally {
      done.abort()
    }
  }
}

function send(url: string, headers: Headers, signal: AbortSignal, clock: Clock): Promise<Answer> {
  const request = url.startsWith('https:') ? requestHttps : requestHttp
  return new Promise((resolve, reject) => {
    request(url, { headers, signal }, (response) => {
      const { statusCode: status = 0, headers: got } = response
      const there = Date.parse(got.date ?? '')
      const clocks = Number.isNaN(there) ? null : { there, here: clock.now() }
      const header = (name: string) => {
        const value = got[name]
        return value === undefined ? null : String(value)
      }
      text(response).then(
        (body) => resolve({ status, header, setCookies: got['set-cookie'] ?? [], body, clocks }),
        reject,
      )
    })
      .on('error', reject)
      .end()
  })
}

const codeOf = (error: unknown): string =>
  error instanceof Error ? ('code' in error ? String(error.code) : error.name) : 'unknown'
