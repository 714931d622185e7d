import { BffError, type Clock, type IdentityProvider } from '@bff/core'
import { createAttachment, type OptionValues, option, readOptions } from '@bff/core/authoring'
import { ClientSecretBasic, ClientSecretPost, Configuration, type CustomFetch, None } from 'openid-client'
import { isObject } from './answer.ts'
import { apiToken } from './api-token.ts'
import { createBreaker } from './breaker.ts'
import { throughCall } from './client.ts'
import { credentialsHint, publicClient } from './client-authentication.ts'
import { invalidIn, secureUrl, timeoutMs } from './option-rules.ts'
import { refreshTokens } from './refresh.ts'
import { revokeToken } from './revoke.ts'
import { type Call, createTransport, type Fetch } from './transport.ts'

/** The options of {@link oauthClient}. Unknown keys throw `invalid_config`. */
export interface OauthClientOptions {
  /** The token endpoint. Plain http is accepted only for this machine. */
  readonly tokenEndpoint: string
  /** The client id at the provider. */
  readonly clientId: string
  /** The client secret at the provider. @default none: a public client */
  readonly clientSecret?: string
  /** How `clientSecret` is sent. @default `client_secret_post` */
  readonly clientSecretMethod?: 'client_secret_basic' | 'client_secret_post'
  /** Whether to send a DPoP proof for sessions with a key (RFC 9449 §5). @default true */
  readonly dpop?: boolean
  /** The revocation endpoint (RFC 7009). @default none: tokens are not revoked and expire */
  readonly revocationEndpoint?: string
  /** The longest time for one operation with all its requests, in milliseconds. @default 10_000 */
  readonly timeoutMs?: number
  /** Accepts endpoints over plain http on other machines: an attacker on the way can read tokens. @default false */
  readonly dangerouslyAllowInsecureEndpoints?: boolean
  /** Sends every request. @default the platform's `fetch` */
  readonly fetch?: Fetch
  /** A clock of its own, for tests. @default the clock of the BFF */
  readonly clock?: Clock
}

const OPTIONS = {
  tokenEndpoint: option.text(),
  clientId: option.text(),
  clientSecret: option.optional(option.text()),
  clientSecretMethod: option.oneOf(['client_secret_post', 'client_secret_basic']),
  dpop: option.flag(true),
  revocationEndpoint: option.optional(option.text()),
  timeoutMs,
  dangerouslyAllowInsecureEndpoints: option.flag(false),
  fetch: option.callback<Fetch>(),
  clock: option.clock(),
}

type ReadOptions = OptionValues<typeof OPTIONS>

/**
 * Refreshes and revokes tokens at an OAuth 2.0 token endpoint, without discovery and OpenID Connect. The app signs users in
 * itself: `authorize`, `exchange` and `verifyLogoutToken` throw `not_configured`.
 *
 * @throws BffError `invalid_config` with the option and the values it accepts
 *
 * @example
 * ```ts
 * import { oauthClient } from '@bff/oidc'
 *
 * export const provider = oauthClient({ tokenEndpoint: 'https://id.example.com/token', clientId: 'orders' })
 * ```
 */
export function oauthClient(options: OauthClientOptions): IdentityProvider {
  const read = readOptions('oauthClient', options, OPTIONS)
  const { clientId, clientSecret, dpop, timeoutMs } = read
  const { clock, attach } = createAttachment({ clock: read.clock })
  const authentication = authenticationOf(read)
  const metadata = metadataOf(read)
  const transport = createTransport({
    clock,
    timeoutMs,
    fetch: read.fetch ?? ((url, init) => globalThis.fetch(url, init)),
    credentialsHint: credentialsHint(
      clientId,
      clientSecret,
      read.clientSecretMethod === 'client_secret_basic',
    ),
  })
  const endpoint = { transport, breaker: createBreaker(clock) }
  const configuration = async (call: Call) =>
    throughCall(new Configuration(metadata, clientId, undefined, authentication), {
      ...call,
      fetch: withoutIdToken(call.fetch),
    })

  return {
    insecureOptions: [
      ...(clientSecret === undefined ? [publicClient('oauthClient.clientSecret')] : []),
      ...(read.dangerouslyAllowInsecureEndpoints ? [INSECURE_ENDPOINTS] : []),
    ],
    attach,
    // OAuth names no issuer: the app says with the sessions it makes whose tokens it stores.
    isMaker: () => true,
    authorize: notConfigured,
    exchange: notConfigured,
    refresh: (request) => {
      const dpopKeyPair = dpop ? request.dpopKeyPair : null
      return refreshTokens(endpoint, configuration, { ...request, dpopKeyPair }, async () => NO_IDENTITY)
    },
    apiToken: (request) => {
      const dpopKeyPair = dpop ? request.dpopKeyPair : null
      return apiToken(endpoint, configuration, { ...request, dpopKeyPair }, async () => NO_IDENTITY)
    },
    revoke: (request) => {
      const dpopKeyPair = dpop ? request.dpopKeyPair : null
      return revokeToken(endpoint, timeoutMs, configuration, { ...request, dpopKeyPair })
    },
    sharesGrants: () => true,
    endSessionUrl: async () => null,
    verifyLogoutToken: notConfigured,
  }
}

const INSECURE_ENDPOINTS = {
  option: 'oauthClient.dangerouslyAllowInsecureEndpoints',
  message: 'Tokens are sent to the provider over plain http. Use https endpoints.',
}

const NO_IDENTITY = { claims: null, idToken: null }

async function notConfigured(): Promise<never> {
  throw new BffError('not_configured')
}

function authenticationOf({ clientSecret, clientSecretMethod }: ReadOptions) {
  if (clientSecret === undefined) return None()
  return clientSecretMethod === 'client_secret_post'
    ? ClientSecretPost(clientSecret)
    : ClientSecretBasic(clientSecret)
}

function metadataOf({ tokenEndpoint, revocationEndpoint, ...read }: ReadOptions) {
  const endpoint = (name: string, value: string) =>
    secureUrl(name, value, read.dangerouslyAllowInsecureEndpoints, EXEMPTION, invalidIn('oauthClient'))
  const token = endpoint('tokenEndpoint', tokenEndpoint)
  const metadata = { issuer: token.origin, token_endpoint: token.href }
  if (revocationEndpoint === undefined) return metadata
  const revocation = endpoint('revocationEndpoint', revocationEndpoint)
  return { ...metadata, revocation_endpoint: revocation.href }
}

const EXEMPTION = 'dangerouslyAllowInsecureEndpoints'

/** An ID token cannot be checked without an issuer, so it is ignored. */
function withoutIdToken(fetch: CustomFetch): CustomFetch {
  return async (url, init) => {
    const response = await fetch(url, init)
    if (response.status !== 200) return response
    const body: unknown = await response
      .clone()
      .json()
      .catch(() => null)
    if (!isObject(body) || !Object.hasOwn(body, 'id_token')) return response
    const { id_token: _, ...rest } = body
    return new Response(JSON.stringify(rest), { status: 200, headers: response.headers })
  }
}
