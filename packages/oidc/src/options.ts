import type { AttachContext, Clock, InsecureOption } from '@bff/core'
import {
  createAttachment,
  type OptionRule,
  type OptionValues,
  option,
  readOptions,
} from '@bff/core/authoring'
import type { ClientAuth } from 'openid-client'
import {
  CLIENT_AUTHENTICATION_OPTIONS,
  type ClientAuthenticationOptions,
  clientAuthentication,
  credentialsHint,
  publicClient,
} from './client-authentication.ts'
import { createDiscoveryCache, type DiscoveryCache } from './discovery-cache.ts'
import { fapi2 } from './fapi2.ts'
import { type AcceptIssuer, hasPlaceholder, type Issuers, issuersOf } from './issuers.ts'
import { algorithms, type Invalid, invalidIn, resources, secureUrl, timeoutMs } from './option-rules.ts'
import { PROTOCOL_PARAMETERS } from './protocol-parameters.ts'
import type { SigningAlgorithm } from './signing-algorithms.ts'
import type { Fetch } from './transport.ts'

/** The options of {@link oidc}, besides the client's authentication. Unknown keys throw `invalid_config`. */
export interface OidcOptions extends ClientAuthenticationOptions {
  /**
   * The issuer, exactly as the provider's own metadata names it (RFC 8414 §3.3, BFF-21). Plain http is accepted for
   * `localhost`, `127.0.0.1` and `[::1]` only. Where the metadata names many tenants, such as
   * `https://login.microsoftonline.com/{tenantid}/v2.0`, each has an issuer of its own: set `acceptIssuer` too.
   */
  readonly issuer: string
  /**
   * The address of the metadata, when it is not below `issuer`. The metadata must still name `issuer`.
   * @default `<issuer>/.well-known/openid-configuration`
   */
  readonly metadataUrl?: string
  /**
   * Decides whether the users of a tenant may sign in, for an issuer with a placeholder. It gets the tenant's issuer, which fits
   * `issuer`, and the claims of the ID token or logout token, whose signature is verified.
   */
  readonly acceptIssuer?: AcceptIssuer
  /** The client id at the provider. */
  readonly clientId: string
  /**
   * The scope of a sign-in; must contain `openid`. Add `offline_access` when the provider issues refresh tokens only with
   * it. @default `openid profile`
   */
  readonly scope?: string
  /**
   * The APIs that the user's tokens are for (RFC 8707), as absolute URIs. The sign-in asks for all of them; the code exchange
   * and a refresh ask for the first one, which the session's own access token is for. `session.tokensFor()` gets tokens for
   * the others. @default none: the provider decides
   */
  readonly resource?: string | readonly string[]
  /**
   * The API that the session's access token is for, as the provider names it, such as Auth0's `audience`. It is sent with each
   * sign-in, code exchange and refresh. @default none
   */
  readonly audience?: string
  /**
   * Parameters of every authorization request, such as `access_type`. Those of the app for one sign-in come before them.
   * @default none
   */
  readonly parameters?: Readonly<Record<string, string>>
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
   * When the claims of the userinfo endpoint are added to those of the ID token (OpenID Connect Core §5.3), at sign-in and at a
   * refresh. `when-missing`: when `scope` asks for claims about the user, and the ID token has none of the standard ones
   * (§5.1). `always` and `never` do not look at the ID token. A failure at sign-in is an error; at a refresh the claims stay
   * as they are. @default `when-missing`
   */
  readonly userinfo?: 'when-missing' | 'always' | 'never'
  /**
   * How the provider sends its response to the callback. `form_post` sends a form, which Apple requires when `scope` has
   * more than `openid`; only the fields of the protocol are read. @default `query`
   */
  readonly responseMode?: 'query' | 'form_post'
  /**
   * The accepted signature algorithms of ID tokens and logout tokens; asymmetric ones only. @default `['RS256', 'ES256']`
   */
  readonly signingAlgorithms?: readonly SigningAlgorithm[]
  /**
   * `fapi2` holds the client to the FAPI 2.0 Security Profile: it sets `par` to `always`, `dpop` to `true` unless
   * `tlsClientAuth` or `certificateBoundTokens` binds tokens to a certificate, and `signingAlgorithms` to PS256, ES256 and EdDSA; it demands the `iss`
   * parameter at the callback; and it refuses every option that the profile forbids. @default none
   */
  readonly profile?: 'fapi2'
  /** The longest time for one operation at the provider with all its requests, in milliseconds. @default 10_000 */
  readonly timeoutMs?: number
  /** How far the provider's clock may differ when the times in a token are checked, in milliseconds. @default 30_000 */
  readonly clockToleranceMs?: number
  /**
   * Accepts an issuer over plain http on another machine: an attacker on the way can read and change its responses and your
   * secrets. @default false
   */
  readonly dangerouslyAllowInsecureIssuer?: boolean
  /**
   * Accepts logout tokens without the type `logout+jwt`, from servers that are older than OpenID Connect Back-Channel Logout
   * 1.0: another JWT of the provider could pass for one. @default false
   */
  readonly dangerouslyAcceptUntypedLogoutTokens?: boolean
  /** Shares discovered metadata among several providers. @default one of its own */
  readonly discoveryCache?: DiscoveryCache
  /**
   * Sends every request to the provider, for example through a proxy or with a private CA. @default the platform's `fetch`
   */
  readonly fetch?: Fetch
  /** A clock of its own, for tests. @default the clock of the BFF */
  readonly clock?: Clock
}

const scope: OptionRule<string> = (value = 'openid profile', invalid) => {
  if (typeof value === 'string' && value.split(' ').includes('openid')) return value
  throw invalid('must be names separated by spaces, openid among them')
}

const parameters: OptionRule<Readonly<Record<string, string>>> = (value, invalid) => {
  const given = option.given<Readonly<Record<string, string>>>({})(value, invalid)
  const wrong = Object.entries(given).find(
    ([name, text]) => typeof text !== 'string' || PROTOCOL_PARAMETERS.includes(name),
  )
  if (wrong === undefined) return { ...given }
  throw invalid(`must have strings, and none that this library sets itself: remove ${wrong[0]}`)
}

const discoveryCache: OptionRule<DiscoveryCache> = (value, invalid) => {
  const given = option.given<DiscoveryCache>()(value, invalid)
  if (given === undefined) return createDiscoveryCache()
  if (typeof given.entry === 'function') return given
  throw invalid('must come from createDiscoveryCache()')
}

/** The rules of every function that calls a provider as a client. */
export const CLIENT_OPTIONS = {
  issuer: option.text(),
  metadataUrl: option.optional(option.text()),
  clientId: option.text(),
  ...CLIENT_AUTHENTICATION_OPTIONS,
  dpop: option.flag(false),
  timeoutMs,
  dangerouslyAllowInsecureIssuer: option.flag(false),
  discoveryCache,
  fetch: option.callback<Fetch>(),
  clock: option.clock(),
}

/** The rules of {@link OidcOptions}. */
export const OIDC_OPTIONS = {
  ...CLIENT_OPTIONS,
  acceptIssuer: option.callback<AcceptIssuer>(),
  profile: option.optional(option.oneOf(['fapi2'])),
  scope,
  resource: resources,
  audience: option.optional(option.text()),
  parameters,
  par: option.oneOf(['auto', 'always', 'never']),
  idTokenHint: option.flag(false),
  logoutReturnParameter: option.oneOf(['post_logout_redirect_uri', 'logout_uri', 'returnTo']),
  userinfo: option.oneOf(['when-missing', 'always', 'never']),
  responseMode: option.oneOf(['query', 'form_post']),
  signingAlgorithms: algorithms,
  clockToleranceMs: option.number(30_000, 0, 300_000),
  dangerouslyAcceptUntypedLogoutTokens: option.flag(false),
}

/** Options with every default filled in and every value checked. */
export interface Settings {
  readonly issuer: string
  readonly acceptIssuer: AcceptIssuer | undefined
  readonly issuers: Issuers
  /** Where the metadata is: its address, or the issuer that it is below. */
  readonly metadataAt: string
  readonly parameters: Readonly<Record<string, string>>
  readonly isUntypedLogoutTokenAccepted: boolean
  readonly clientId: string
  readonly authentication: ClientAuth
  /** Requests go to the addresses that ask for a certificate (RFC 8705 §5). */
  readonly isMutualTls: boolean
  /** A callback without the parameter `iss` is refused (RFC 9207), also when the metadata does not promise it. */
  readonly isIssRequired: boolean
  readonly credentialsHint: string | null
  readonly responseMode: 'query' | 'form_post'
  readonly userinfo: 'when-missing' | 'always' | 'never'
  readonly logoutReturnParameter: 'post_logout_redirect_uri' | 'logout_uri' | 'returnTo'
  readonly scope: string
  readonly resources: readonly string[]
  readonly audience: string | null
  readonly par: 'auto' | 'always' | 'never'
  readonly dpop: boolean
  readonly idTokenHint: boolean
  readonly signingAlgorithms: readonly SigningAlgorithm[]
  readonly timeoutMs: number
  readonly clockToleranceMs: number
  readonly discoveryCache: DiscoveryCache
  readonly fetch: Fetch
  readonly clock: Clock
  readonly attach: (context: AttachContext) => void
  readonly insecureOptions: readonly InsecureOption[]
}

const untypedLogoutTokens = {
  option: 'oidc.dangerouslyAcceptUntypedLogoutTokens',
  message:
    'Another JWT that the provider signs could end sessions like a logout token. Update the provider, so that it sends the type logout+jwt.',
}

const insecureIssuer = {
  option: 'oidc.dangerouslyAllowInsecureIssuer',
  message: 'Tokens and the client secret are sent to the provider over plain http. Use an https issuer.',
}

/**
 * @param of the function whose options they are
 * @throws BffError `invalid_config` with the option and the values it accepts
 */
export function resolveOptions(of: string, given: OidcOptions): Settings {
  const invalid = invalidIn(of)
  const isFapi2 = given?.profile === 'fapi2'
  const read = readOptions(of, isFapi2 ? fapi2(given) : given, OIDC_OPTIONS)
  const { clock: own, metadataUrl: _, profile: __, resource, ...options } = read
  const isInsecureAllowed = read.dangerouslyAllowInsecureIssuer
  const url = secureUrl('issuer', read.issuer, isInsecureAllowed, EXEMPTION, invalid)
  if (url.search !== '') throw invalid('issuer must be a URL without query')
  const { clock, attach } = createAttachment({ clock: own })
  return {
    ...options,
    issuers: issuersOf(read.issuer, read.acceptIssuer),
    metadataAt: metadataAt(read, invalid),
    isUntypedLogoutTokenAccepted: read.dangerouslyAcceptUntypedLogoutTokens,
    authentication: clientAuthentication(read, clock, of),
    isMutualTls: read.tlsClientAuth === true || read.certificateBoundTokens,
    isIssRequired: isFapi2,
    credentialsHint: credentialsHint(
      read.clientId,
      typeof read.clientSecret === 'string' ? read.clientSecret : undefined,
      read.clientSecretMethod !== 'client_secret_post',
    ),
    resources: resource,
    audience: read.audience ?? null,
    fetch: read.fetch ?? ((url, init) => globalThis.fetch(url, init)),
    clock,
    attach,
    insecureOptions: [
      ...(read.dangerouslyPublicClient ? [publicClient('oidc.dangerouslyPublicClient')] : []),
      ...(isInsecureAllowed ? [insecureIssuer] : []),
      ...(read.dangerouslyAcceptUntypedLogoutTokens ? [untypedLogoutTokens] : []),
    ],
  }
}

const EXEMPTION = 'dangerouslyAllowInsecureIssuer'

type ReadOptions = OptionValues<typeof OIDC_OPTIONS>

function metadataAt(read: ReadOptions, invalid: Invalid): string {
  const { metadataUrl, issuer, dangerouslyAllowInsecureIssuer } = read
  if (metadataUrl === undefined) {
    if (hasPlaceholder(issuer))
      throw invalid('issuer has a placeholder. Set metadataUrl, the address of the metadata')
    return issuer
  }
  const url = secureUrl('metadataUrl', metadataUrl, dangerouslyAllowInsecureIssuer, EXEMPTION, invalid)
  if (!url.pathname.includes('/.well-known/'))
    throw invalid('metadataUrl must be the whole address of the metadata, with /.well-known/ in it')
  return url.href
}
