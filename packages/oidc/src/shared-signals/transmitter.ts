import { BffError } from '@bff/core'
import { isObject } from '../answer.ts'
import { createBreaker } from '../breaker.ts'
import { createCached } from '../cached.ts'
import { explainOutage } from '../explain.ts'
import { createKeySet, fetchKeys, type KeySet } from '../keys.ts'
import { parseUrl } from '../option-rules.ts'
import type { Settings } from '../options.ts'
import { type Call, createTransport, untilAborted } from '../transport.ts'

const HOUR = 3_600_000

/** The members of the transmitter's metadata that a receiver uses (OpenID SSF 1.0 §7.1). */
export interface TransmitterMetadata {
  readonly jwks_uri: string
  readonly configuration_endpoint?: string
  readonly status_endpoint?: string
  readonly verification_endpoint?: string
}

type EndpointName = 'configuration_endpoint' | 'status_endpoint' | 'verification_endpoint'

/** A response of a stream endpoint. `body` is `null` without JSON. */
export interface TransmitterAnswer {
  readonly status: number
  readonly body: unknown
}

/** One transmitter, as its receiver knows it. */
export interface Transmitter {
  readonly settings: Settings
  readonly keys: KeySet
  /** @throws BffError `provider_unavailable`, `provider_misconfigured` when the transmitter has no such endpoint */
  endpoint(name: EndpointName): Promise<string>
  /**
   * Sends a request with the receiver's access token. Answers of 4xx other than 401, 403 and 429 are the caller's to read.
   *
   * @throws BffError `provider_unavailable`, `provider_misconfigured` when the transmitter refuses the access token
   */
  request(
    method: string,
    url: string,
    body?: Readonly<Record<string, unknown>>,
    signal?: AbortSignal,
  ): Promise<TransmitterAnswer>
}

/** Returns an access token, and another one than `rejected` where it can. */
export type AccessTokenSource = (rejected: string | null, signal: AbortSignal) => Promise<string>

/** @param accessToken `null`: the receiver has none, and sends no such request */
export function createTransmitter(settings: Settings, accessToken: AccessTokenSource | null): Transmitter {
  const { issuer, clock } = settings
  const isInsecure = issuer.startsWith('http:')
  const transport = createTransport(settings)
  // Requests from outside do not influence what is fetched here, so that all share one source.
  const fetcher = () => {
    const breaker = createBreaker(clock)
    return <Value>(fetch: (call: Call) => Promise<Value>, signal?: AbortSignal): Promise<Value> =>
      transport.call({ admit: () => breaker.admit(''), explain: explainOutage, signal }, fetch)
  }
  const [fetched, fetchedKeys, sent] = [fetcher(), fetcher(), fetcher()]
  const metadata = createCached({
    clock,
    load: () => fetched((call) => fetchTransmitter(issuer, isInsecure, call)),
    maxAgeMs: HOUR,
    maxStaleMs: 24 * HOUR,
    retryMs: 60_000,
  })
  const keys = createKeySet(clock, () =>
    fetchedKeys(async (call) => {
      const { jwks_uri } = await untilAborted(metadata.get(), call.signal)
      return fetchKeys({ issuer, jwks_uri }, call)
    }),
  )

  return {
    settings,
    keys,
    async endpoint(name) {
      const url = (await metadata.get())[name]
      if (url === undefined)
        throw misconfigured(`The transmitter names no ${name}. Its operator must check it.`)
      return url
    },
    async request(method, url, body, signal) {
      if (accessToken === null)
        throw misconfigured('The transmitter needs an access token. Set accessToken in sharedSignals().')
      requireUrl(url, isInsecure)
      return sent(async (call) => {
        const send = (token: string) =>
          call.fetch(url, {
            method,
            headers: {
              accept: 'application/json',
              authorization: `Bearer ${token}`,
              ...(body && { 'content-type': 'application/json' }),
            },
            body: body === undefined ? null : JSON.stringify(body),
            redirect: 'manual',
          })
        const token = await accessToken(null, call.signal)
        let response = await send(token)
        if (response.status === 401) {
          const newer = await accessToken(token, call.signal)
          if (newer !== token) response = await send(newer)
        }
        const { status } = response
        if (status === 401 || status === 403)
          throw misconfigured(
            `The transmitter refused the access token (${status}). Its operator must check it.`,
          )
        if (status === 429 || status >= 500)
          throw new BffError(
            'provider_unavailable',
            `The transmitter answered with ${status}. Try again shortly.`,
          )
        return { status, body: parsed(await response.text()) }
      }, signal)
    },
  }
}

/** The metadata is below the host, and the issuer's path after it (OpenID SSF 1.0 §7.2). */
export function metadataUrl(issuer: string): string {
  const { origin, pathname } = new URL(issuer)
  return `${origin}/.well-known/ssf-configuration${pathname.replace(/\/$/, '')}`
}

async function fetchTransmitter(
  issuer: string,
  isInsecure: boolean,
  call: Call,
): Promise<TransmitterMetadata> {
  const response = await call.fetch(metadataUrl(issuer), {
    method: 'GET',
    headers: { accept: 'application/json' },
    body: null,
    redirect: 'manual',
  })
  const metadata: unknown = response.status === 200 ? await response.json() : null
  if (!isObject(metadata))
    throw new BffError(
      'provider_unavailable',
      'The transmitter did not answer with its metadata. Try again shortly.',
    )
  if (metadata['issuer'] !== issuer)
    throw misconfigured(
      `The metadata found at ${metadataUrl(issuer)} names another issuer. Configure the issuer exactly as the metadata spells it.`,
    )
  const urls = ['jwks_uri', 'configuration_endpoint', 'status_endpoint', 'verification_endpoint'] as const
  const known = urls.flatMap((name) =>
    metadata[name] === undefined ? [] : [[name, requireUrl(metadata[name], isInsecure)] as const],
  )
  const { jwks_uri, ...rest } = Object.fromEntries(known) as Partial<TransmitterMetadata>
  if (jwks_uri === undefined)
    throw misconfigured('The transmitter names no jwks_uri. Its operator must check it.')
  return { jwks_uri, ...rest }
}

/** An address that a transmitter names is no less secure than its issuer. */
function requireUrl(value: unknown, isInsecure: boolean): string {
  const protocol = typeof value === 'string' ? parseUrl(value)?.protocol : undefined
  if (typeof value === 'string' && (protocol === 'https:' || (isInsecure && protocol === 'http:')))
    return value
  throw misconfigured('The transmitter names an address that is no https URL. Its operator must check it.')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

export const misconfigured = (message: string) => new BffError('provider_misconfigured', message)
