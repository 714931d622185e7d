import { type Clock, type InsecureOption, systemClock } from '@bff/core'
import type { ClientAuth } from 'openid-client'
import { clockOf, fetchOf, flag, invalid, milliseconds, oneOf, secureUrl, text, timeout } from './check.ts'
import {
  type ClientAuthenticationOptions,
  clientAuthentication,
  credentialsHint,
  publicClient,
} from './client-authentication.ts'
import { createDiscoveryCache, type DiscoveryCache } from './discovery.ts'
import type { Fetch } from './transport.ts'

/** The options of {@link oidc}, besides the client's authentication. Unknown keys throw `invalid_config`. */
export interface OidcOptions extends ClientAuthenticationOptions {
  /**
   * The issuer, exactly as the provider's own metadata names it (RFC 8414 §3.3, BFF-21). Plain http is accepted for
   * `localhost`, `127.0.0.1` and `[::1]` only.
   */
  readonly issuer: string
  readonly clientId: string
  /**
   * The scope of a sign-in; must contain `openid`. Add `offline_access` when the provider issues refresh tokens only with
   * it. @default `openid profile`
   */
  readonly scope?: string
  /**
   * Pushed authorization requests (RFC 9126): `auto` uses them when the provider's metadata offers them.
   * @default `auto`
   */
  readonly par?: 'auto' | 'always' | 'never'
  /**
   * Binds tokens to a key of their session (RFC 9449); a response with a Bearer token is then discarded (DPO-07). A session
   * from before a change of this option stays as it was, with or without a key. @default false
   */
  readonly dpop?: boolean
  /**
   * Sends `id_token_hint` at sign-out. The ID token then goes through the browser as part of a URL. Without it the provider
   * gets `client_id` and `logout_hint`, and may ask the user to confirm. @default false
   */
  readonly idTokenHint?: boolean
  /**
   * The parameter with the address after sign-out. Amazon Cognito uses `logout_uri`, older Auth0 tenants `returnTo`; both
   * accept no other parameter except `client_id`. @default `post_logout_redirect_uri`
   */
  readonly logoutReturnParameter?: 'post_logout_redirect_uri' | 'logout_uri' | 'returnTo'
  /**
   * How the provider sends its response to the callback. `form_post` sends a form, which Apple requires when `scope` has
   * more than `openid`; only the fields of the protocol are read. @default `query`
   */
  readonly responseMode?: 'query' | 'form_post'
  /**
   * The accepted signature algorithms of ID tokens and logout tokens; asymmetric ones only. @default `['RS256', 'ES256']`
   */
  readonly signingAlgorithms?: readonly SigningAlgorithm[]
  /** The longest time for one operation at the provider with all its requests, in milliseconds. @default 10_000 */
  readonly timeoutMs?: number
  /** How far the provider's clock may differ when the times in a token are checked, in milliseconds. @default 30_000 */
  readonly clockToleranceMs?: number
  /**
   * Accepts an issuer over plain http on another machine: an attacker on the way can read and change its responses and your
   * secrets.
   */
  readonly dangerouslyAllowInsecureIssuer?: boolean
  /** Shares discovered metadata among several providers. @default one of its own */
  readonly discoveryCache?: DiscoveryCache
  /**
   * Sends every request to the provider, for example through a proxy or with a private CA. @default the platform's `fetch`
   */
  readonly fetch?: Fetch
  /** @default the system's clock */
  readonly clock?: Clock
}

const SIGNING_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const

/** A JWS algorithm with a public key. */
export type SigningAlgorithm = (typeof SIGNING_ALGORITHMS)[number]

/** The names of {@link OidcOptions}. */
export const OIDC_OPTIONS = [
  ...['issuer', 'clientId', 'clientSecret', 'clientSecretMethod', 'privateKeyJwt', 'dangerouslyPublicClient'],
  ...[
    'scope',
    'par',
    'dpop',
    'idTokenHint',
    'logoutReturnParameter',
    'responseMode',
    'signingAlgorithms',
    'timeoutMs',
    'clockToleranceMs',
  ],
  ...['dangerouslyAllowInsecureIssuer', 'discoveryCache', 'fetch', 'clock'],
]

/** Options with every default filled in and every value checked. */
export interface Settings {
  readonly issuer: string
  readonly clientId: string
  readonly authentication: ClientAuth
  readonly credentialsHint: string | null
  readonly responseMode: 'query' | 'form_post'
  readonly logoutReturnParameter: 'post_logout_redirect_uri' | 'logout_uri' | 'returnTo'
  readonly scope: string
  readonly par: 'auto' | 'always' | 'never'
  readonly dpop: boolean
  readonly idTokenHint: boolean
  readonly signingAlgorithms: readonly SigningAlgorithm[]
  readonly timeoutMs: number
  readonly clockToleranceMs: number
  readonly discoveryCache: DiscoveryCache
  readonly fetch: Fetch
  readonly clock: Clock
  readonly insecureOptions: readonly InsecureOption[]
}

const insecureIssuer = {
  option: 'oidc.dangerouslyAllowInsecureIssuer',
  message: 'Tokens and the client secret are sent to the provider over plain http. Use an https issuer.',
}

/** @throws BffError `invalid_config` with the option and the values it accepts */
export function resolveOptions(options: OidcOptions): Settings {
  const isInsecureAllowed = flag(
    'dangerouslyAllowInsecureIssuer',
    options.dangerouslyAllowInsecureIssuer,
    false,
  )
  const url = secureUrl('issuer', options.issuer, isInsecureAllowed, 'dangerouslyAllowInsecureIssuer')
  if (url.search !== '') throw invalid('issuer must be a URL without query.')
  return {
    issuer: options.issuer,
    clientId: text('clientId', options.clientId),
    authentication: clientAuthentication(options),
    credentialsHint: credentialsHint(
      options.clientId,
      options.clientSecret,
      options.clientSecretMethod !== 'client_secret_post',
    ),
    scope: scopeOf(options.scope),
    par: oneOf('par', options.par, ['auto', 'always', 'never'], 'auto'),
    dpop: flag('dpop', options.dpop, false),
    idTokenHint: flag('idTokenHint', options.idTokenHint, false),
    responseMode: oneOf('responseMode', options.responseMode, ['query', 'form_post'], 'query'),
    logoutReturnParameter: oneOf(
      'logoutReturnParameter',
      options.logoutReturnParameter,
      ['post_logout_redirect_uri', 'logout_uri', 'returnTo'],
      'post_logout_redirect_uri',
    ),
    signingAlgorithms: algorithmsOf(options.signingAlgorithms),
    timeoutMs: timeout(options.timeoutMs),
    clockToleranceMs: milliseconds('clockToleranceMs', options.clockToleranceMs, 30_000, 0, 300_000),
    discoveryCache: cacheOf(options.discoveryCache),
    fetch: fetchOf(options.fetch),
    clock: clockOf(options.clock, systemClock),
    insecureOptions: [
      ...(options.dangerouslyPublicClient ? [publicClient('oidc.dangerouslyPublicClient')] : []),
      ...(isInsecureAllowed ? [insecureIssuer] : []),
    ],
  }
}

function cacheOf(cache: DiscoveryCache | undefined): DiscoveryCache {
  if (cache === undefined) return createDiscoveryCache()
  if (typeof cache.entry !== 'function')
    throw invalid('discoveryCache must come from createDiscoveryCache().')
  return cache
}

function scopeOf(scope: string | undefined): string {
  if (scope === undefined) return 'openid profile'
  if (typeof scope !== 'string' || !scope.split(' ').includes('openid')) {
    throw invalid('scope must be names separated by spaces, openid among them.')
  }
  return scope
}

function algorithmsOf(algorithms: readonly SigningAlgorithm[] | undefined): readonly SigningAlgorithm[] {
  if (algorithms === undefined) return ['RS256', 'ES256']
  const known: readonly string[] = SIGNING_ALGORITHMS
  const isValid =
    Array.isArray(algorithms) && algorithms.length > 0 && algorithms.every((one) => known.includes(one))
  if (!isValid) throw invalid(`signingAlgorithms must name one or more of: ${known.join(', ')}.`)
  return algorithms
}
