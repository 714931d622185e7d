/**
 * `@bff/oidc/presets`: what well-known providers need of {@link OidcOptions}, as data: spread one into the options of `oidc()`,
 * before what differs.
 *
 * @example
 * ```ts
 * import { oidc } from '@bff/oidc'
 * import { auth0 } from '@bff/oidc/presets'
 *
 * export const provider = oidc({
 *   ...auth0({ domain: 'tenant.eu.auth0.com' }),
 *   audience: 'https://orders.example.com',
 *   clientId: process.env['OIDC_CLIENT_ID'] ?? '',
 *   clientSecret: process.env['OIDC_CLIENT_SECRET'] ?? '',
 * })
 * ```
 *
 * @module
 */
import { type OptionRule, option, readOptions, requireOneOf } from '@bff/core/authoring'
import { importPKCS8, SignJWT } from 'jose'
import type { OidcOptions } from './options.ts'

/** The part of {@link OidcOptions} that a provider decides. */
export type Preset<Name extends keyof OidcOptions> = Required<Pick<OidcOptions, Name>>

/** A value that would make a wrong address, such as an empty one, shows only when the provider is asked. */
const like =
  (pattern: RegExp, example: string): OptionRule<string> =>
  (value, invalid) => {
    if (typeof value === 'string' && pattern.test(value)) return value
    throw invalid(`must be ${example}`)
  }
const domainLike = (example: string) =>
  like(/^[\w-]+(?:\.[\w-]+)+$/, `a host name such as ${example}, without https:// and path`)

const PROFILE = 'openid profile email'
const OFFLINE = `${PROFILE} offline_access`

/** The tenants of Microsoft Entra ID whose users may sign in. */
export interface EntraTenants {
  /** The id of the one tenant. */
  readonly tenant?: string
  /** The ids of several tenants, or a function that accepts one by its id. */
  readonly tenants?: readonly string[] | ((tenant: string) => boolean | Promise<boolean>)
}

const ENTRA = 'https://login.microsoftonline.com'
/** Its userinfo endpoint accepts only tokens for Microsoft Graph. */
const OF_ENTRA = { scope: OFFLINE, userinfo: 'never' } as const

/**
 * Microsoft Entra ID: work and school accounts of one tenant, or of several through its endpoint for organizations.
 *
 * @throws BffError `invalid_config` unless exactly one of `tenant` and `tenants` is set
 */
export function entra(
  given: EntraTenants,
): Preset<'issuer' | 'scope' | 'userinfo'> & Pick<OidcOptions, 'metadataUrl' | 'acceptIssuer'> {
  const { tenant, tenants } = readOptions('entra', given, {
    tenant: option.optional(option.text()),
    tenants: option.given<EntraTenants['tenants']>(),
  })
  requireOneOf('entra', given, ['tenant', 'tenants'])
  if (tenants === undefined) return { issuer: `${ENTRA}/${tenant}/v2.0`, ...OF_ENTRA }
  const accepts = typeof tenants === 'function' ? tenants : (one: string) => tenants.includes(one)
  return {
    issuer: `${ENTRA}/{tenantid}/v2.0`,
    metadataUrl: `${ENTRA}/organizations/v2.0/.well-known/openid-configuration`,
    acceptIssuer: (issuer, { tid }) =>
      typeof tid === 'string' && issuer === `${ENTRA}/${tid}/v2.0` && accepts(tid),
    ...OF_ENTRA,
  }
}

/**
 * Okta: an authorization server, `default` or one of your own. Its ID token has few claims beside an access token.
 *
 * @throws BffError `invalid_config` for a value that cannot be right, such as an empty one
 */
export function okta(given: {
  readonly domain: string
  readonly server?: string
}): Preset<'issuer' | 'scope' | 'idTokenHint' | 'userinfo'> {
  const { domain, server } = readOptions('okta', given, {
    domain: domainLike('dev-1.okta.com'),
    server: option.text('default'),
  })
  return {
    issuer: `https://${domain}/oauth2/${server}`,
    scope: OFFLINE,
    idTokenHint: true,
    userinfo: 'always',
  }
}

/**
 * Auth0: a tenant or its custom domain. Add `audience`, the identifier of your API.
 *
 * @throws BffError `invalid_config` for a value that cannot be right, such as an empty one
 */
export function auth0(given: { readonly domain: string }): Preset<'issuer' | 'scope' | 'idTokenHint'> {
  const { domain } = readOptions('auth0', given, { domain: domainLike('tenant.eu.auth0.com') })
  return { issuer: `https://${domain}/`, scope: OFFLINE, idTokenHint: true }
}

/**
 * Keycloak, version 17 and later: `url` is its address, with the path that it may have.
 *
 * @throws BffError `invalid_config` for a value that cannot be right, such as an empty one
 */
export function keycloak(given: {
  readonly url: string
  readonly realm: string
}): Preset<'issuer' | 'scope' | 'idTokenHint'> {
  const { url, realm } = readOptions('keycloak', given, {
    url: like(/^https?:\/\/./, 'an address such as https://id.example.com'),
    realm: option.text(),
  })
  return { issuer: `${url.replace(/\/+$/, '')}/realms/${realm}`, scope: PROFILE, idTokenHint: true }
}

/**
 * Amazon Cognito: a user pool. Its id begins with the region.
 *
 * @throws BffError `invalid_config` for a value that cannot be right, such as an empty one
 */
export function cognito(given: {
  readonly userPoolId: string
}): Preset<'issuer' | 'scope' | 'logoutReturnParameter'> {
  const { userPoolId } = readOptions('cognito', given, {
    userPoolId: like(/^[a-z\d-]+_\w+$/, 'an id with its region, such as eu-central-1_AbCdEf'),
  })
  return {
    issuer: `https://cognito-idp.${userPoolId.split('_')[0]}.amazonaws.com/${userPoolId}`,
    scope: PROFILE,
    logoutReturnParameter: 'logout_uri',
  }
}

/** Google, with a refresh token from each sign-in, for which it asks for consent each time. */
export const google = (): Preset<'issuer' | 'scope' | 'parameters'> => ({
  issuer: 'https://accounts.google.com',
  scope: PROFILE,
  parameters: { access_type: 'offline', prompt: 'consent' },
})

const APPLE = 'https://appleid.apple.com'
/** Apple accepts half a year; a secret is made for each authentication. */
const SECRET_SECONDS = 300

/** What Apple's developer account knows of the app. */
export interface AppleKey {
  /** The Services ID. */
  readonly clientId: string
  /** The ten characters of the team. */
  readonly teamId: string
  /** The ten characters of the key. */
  readonly keyId: string
  /** The content of the `.p8` file, as PEM. */
  readonly privateKey: string
}

/**
 * Sign in with Apple. Its client secret is a JWT that this makes and signs with the key, for five minutes.
 *
 * @throws BffError `invalid_config` for a value that cannot be right, such as an empty one
 */
export function apple(
  given: AppleKey,
): Preset<
  'issuer' | 'clientId' | 'clientSecret' | 'clientSecretMethod' | 'scope' | 'responseMode' | 'userinfo'
> {
  const { clientId, teamId, keyId, privateKey } = readOptions('apple', given, {
    clientId: option.text(),
    teamId: option.text(),
    keyId: option.text(),
    privateKey: like(/^\s*-----BEGIN PRIVATE KEY-----/, 'the content of the .p8 file, as PEM'),
  })
  return {
    issuer: APPLE,
    clientId,
    clientSecret: async ({ clock }) => {
      const now = Math.floor(clock.now() / 1000)
      return new SignJWT()
        .setProtectedHeader({ alg: 'ES256', kid: keyId })
        .setIssuer(teamId)
        .setSubject(clientId)
        .setAudience(APPLE)
        .setIssuedAt(now)
        .setExpirationTime(now + SECRET_SECONDS)
        .sign(await importPKCS8(privateKey, 'ES256'))
    },
    clientSecretMethod: 'client_secret_post',
    scope: 'openid email',
    responseMode: 'form_post',
    userinfo: 'never',
  }
}
