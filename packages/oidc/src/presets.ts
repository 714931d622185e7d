/**
 * `@bff/oidc/presets`: what well-known providers need of {@link OidcOptions}, as data: spread one into the options of `oidc()`,
 * before what differs.
 *
 * @module
 */
import { importPKCS8, SignJWT } from 'jose'
import { invalidIn } from './option-rules.ts'
import type { OidcOptions } from './options.ts'

/** The part of {@link OidcOptions} that a provider decides. */
export type Preset<Name extends keyof OidcOptions> = Required<Pick<OidcOptions, Name>>

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
export function entra({
  tenant,
  tenants,
}: EntraTenants): Preset<'issuer' | 'scope' | 'userinfo'> &
  Pick<OidcOptions, 'metadataUrl' | 'acceptIssuer'> {
  if ((tenant === undefined) === (tenants === undefined))
    throw invalidIn('entra')('Set exactly one of tenant and tenants')
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

/** Okta: an authorization server, `default` or one of your own. Its ID token has few claims beside an access token. */
export const okta = ({
  domain,
  server = 'default',
}: {
  readonly domain: string
  readonly server?: string
}): Preset<'issuer' | 'scope' | 'idTokenHint' | 'userinfo'> => ({
  issuer: `https://${domain}/oauth2/${server}`,
  scope: OFFLINE,
  idTokenHint: true,
  userinfo: 'always',
})

/** Auth0: a tenant or its custom domain. Add `audience`, the identifier of your API. */
export const auth0 = ({
  domain,
}: {
  readonly domain: string
}): Preset<'issuer' | 'scope' | 'idTokenHint'> => ({
  issuer: `https://${domain}/`,
  scope: OFFLINE,
  idTokenHint: true,
})

/** Keycloak, version 17 and later: `url` is its address, with the path that it may have. */
export const keycloak = ({
  url,
  realm,
}: {
  readonly url: string
  readonly realm: string
}): Preset<'issuer' | 'scope' | 'idTokenHint'> => ({
  issuer: `${url.replace(/\/+$/, '')}/realms/${realm}`,
  scope: PROFILE,
  idTokenHint: true,
})

/** Amazon Cognito: a user pool. Its id begins with the region. */
export const cognito = ({
  userPoolId,
}: {
  readonly userPoolId: string
}): Preset<'issuer' | 'scope' | 'logoutReturnParameter'> => ({
  issuer: `https://cognito-idp.${userPoolId.split('_')[0]}.amazonaws.com/${userPoolId}`,
  scope: PROFILE,
  logoutReturnParameter: 'logout_uri',
})

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

/** Sign in with Apple. Its client secret is a JWT that this makes and signs with the key, for five minutes. */
export const apple = ({
  clientId,
  teamId,
  keyId,
  privateKey,
}: AppleKey): Preset<
  'issuer' | 'clientId' | 'clientSecret' | 'clientSecretMethod' | 'scope' | 'responseMode' | 'userinfo'
> => ({
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
})
