import { BffError, type Clock, type IdentityProvider, systemClock } from '@bff/core'
import { refuseUnknown } from '@bff/core/authoring'
import { ClientSecretBasic, ClientSecretPost, Configuration, type CustomFetch, None } from 'openid-client'
import { isObject } from './answer.ts'
import { createBreaker } from './breaker.ts'
import { clockOf, fetchOf, flag, oneOf, secureUrl, text, timeout } from './check.ts'
import { throughCall } from './client.ts'
import { credentialsHint, publicClient } from './client-authentication.ts'
import { refreshTokens } from './refresh.ts'
import { revokeToken } from './revoke.ts'
import { type Call, createTransport, type Fetch } from './transport.ts'

/** The options of {@link oauthClient}. Unknown keys throw `invalid_config`. */
export interface OauthClientOptions {
  /** The token endpoint. Plain http is accepted only for this machine. */
  readonly tokenEndpoint: string
  readonly clientId: string
  /** @default none: a public client */
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
  /** @default the system's clock */
  readonly clock?: Clock
}

const KEYS = [
  ...['tokenEndpoint', 'clientId', 'clientSecret', 'clientSecretMethod', 'dpop', 'revocationEndpoint'],
  ...['timeoutMs', 'dangerouslyAllowInsecureEndpoints', 'fetch', 'clock'],
]

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
  refuseUnknown('oauthClient', options, KEYS)
  const clock = clockOf(options.clock, systemClock)
  const clientId = text('clientId', options.clientId)
  const dpop = flag('dpop', options.dpop, true)
  const timeoutMs = timeout(options.timeoutMs)
  const authentication = authenticationOf(options)
  const metadata = metadataOf(options)
  const transport = createTransport({
    clock,
    timeoutMs,
    fetch: fetchOf(options.fetch),
    credentialsHint: credentialsHint(
      clientId,
      options.clientSecret,
      options.clientSecretMethod === 'client_secret_basic',
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
      ...(options.clientSecret === undefined ? [publicClient('oauthClient.clientSecret')] : []),
      ...(options.dangerouslyAllowInsecureEndpoints ? [INSECURE_ENDPOINTS] : []),
    ],
    authorize: notConfigured,
    exchange: notConfigured,
    refresh: (request) => {
      const dpopKeyPair = dpop ? request.dpopKeyPair : null
      return refreshTokens(endpoint, configuration, { ...request, dpopKeyPair }, async () => NO_IDENTITY)
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

function authenticationOf({ clientSecret, clientSecretMethod }: OauthClientOptions) {
  const methods = ['client_secret_basic', 'client_secret_post'] as const
  const method = oneOf('clientSecretMethod', clientSecretMethod, methods, 'client_secret_post')
  if (clientSecret === undefined) return None()
  const secret = text('clientSecret', clientSecret)
  return method === 'client_secret_post' ? ClientSecretPost(secret) : ClientSecretBasic(secret)
}

function metadataOf({ tokenEndpoint, revocationEndpoint, ...options }: OauthClientOptions) {
  const exemption = 'dangerouslyAllowInsecureEndpoints'
  const isInsecureAllowed = flag(exemption, options.dangerouslyAllowInsecureEndpoints, false)
  const token = secureUrl('tokenEndpoint', tokenEndpoint, isInsecureAllowed, exemption)
  const metadata = { issuer: token.origin, token_endpoint: token.href }
  if (revocationEndpoint === undefined) return metadata
  const revocation = secureUrl('revocationEndpoint', revocationEndpoint, isInsecureAllowed, exemption)
  return { ...metadata, revocation_endpoint: revocation.href }
}

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
