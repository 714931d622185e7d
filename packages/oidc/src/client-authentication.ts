import type { Clock, InsecureOption } from '@bff/core'
import { type OptionRule, type OptionValues, option, requireOneOf } from '@bff/core/authoring'
import { type ClientAuth, ClientSecretBasic, ClientSecretPost, None, TlsClientAuth } from 'openid-client'
import { causeOf } from './cause.ts'
import { invalidIn } from './option-rules.ts'
import { cannotProve, JWT_BEARER, type PrivateKey, signedAssertion } from './signed-assertion.ts'

/** How the application authenticates at the provider; set exactly one way (RFC 6749 §2.3, BFF-01). */
export interface ClientAuthenticationOptions {
  /** The secret, or a function that returns it and is called for each authentication, for a secret that is replaced. */
  readonly clientSecret?: string | ProvideSecret
  /** How `clientSecret` is sent. @default `client_secret_basic` */
  readonly clientSecretMethod?: 'client_secret_basic' | 'client_secret_post'
  /** `{ key, kid? }`, with a private `CryptoKey` or JWK, or `{ alg, sign }` for a key that another system keeps. */
  readonly privateKeyJwt?: PrivateKey
  /**
   * Returns an assertion that the platform made for this application (RFC 7521 §4.2), such as a projected Kubernetes token,
   * an Entra federated credential or a JWT-SVID. It is asked for each authentication, so that a renewed assertion is used at
   * once; surrounding white space is removed. When it throws, the operation fails with `provider_unavailable`.
   */
  readonly clientAssertion?: () => ProvidedAssertion | Promise<ProvidedAssertion>
  /**
   * Authenticates with the certificate that `fetch` presents (`tls_client_auth` and `self_signed_tls_client_auth`, RFC 8705
   * §2), at the addresses of the metadata's `mtls_endpoint_aliases`. Needs `fetch`.
   */
  readonly tlsClientAuth?: true
  /**
   * Has tokens bound to the certificate that `fetch` presents, beside any other client authentication (RFC 8705 §3, §4): requests go to the
   * addresses of the metadata's `mtls_endpoint_aliases`. `tlsClientAuth` does so anyway. Needs `fetch`, and requests to the
   * APIs must present the same certificate. @default false
   */
  readonly certificateBoundTokens?: boolean
  /**
   * No authentication: anyone who obtains a code or refresh token can use it. A server can keep a secret, so register a
   * confidential client at the provider instead.
   */
  readonly dangerouslyPublicClient?: true
}

/** Returns a client secret, such as one that is made and signed for each authentication, at the time of the BFF's clock. */
export type ProvideSecret = (context: { readonly clock: Clock }) => string | Promise<string>

/** An assertion alone is of type `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`. */
export type ProvidedAssertion = string | ClientAssertion

/** An assertion with its type (RFC 7521 §4.2). */
export interface ClientAssertion {
  readonly assertion: string
  /** The `client_assertion_type`, such as `urn:ietf:params:oauth:client-assertion-type:jwt-spiffe`. */
  readonly type: string
}

const secret: OptionRule<string | ProvideSecret> = (value, invalid) => {
  if (typeof value === 'function') return value as ProvideSecret
  if (typeof value === 'string' && value.trim() !== '') return value
  throw invalid('must be a text or a function')
}

/** The rules of {@link ClientAuthenticationOptions}. */
export const CLIENT_AUTHENTICATION_OPTIONS = {
  clientSecret: option.optional(secret),
  clientSecretMethod: option.optional(option.oneOf(['client_secret_basic', 'client_secret_post'])),
  privateKeyJwt: option.given<PrivateKey>(),
  clientAssertion: option.callback<() => ProvidedAssertion | Promise<ProvidedAssertion>>(),
  tlsClientAuth: option.given<boolean>(),
  certificateBoundTokens: option.flag(false),
  dangerouslyPublicClient: option.given<boolean>(),
}

type ReadOptions = OptionValues<typeof CLIENT_AUTHENTICATION_OPTIONS>

const WAYS = [
  'clientSecret',
  'privateKeyJwt',
  'clientAssertion',
  'tlsClientAuth',
  'dangerouslyPublicClient',
] as const

/** The risk of a client without authentication. */
export const publicClient = (option: string): InsecureOption => ({
  option,
  message:
    'The provider cannot distinguish this server from anyone who obtains a code or refresh token. Register a confidential client.',
})

/** @throws BffError `invalid_config` */
export function clientAuthentication(
  options: ReadOptions & { readonly fetch: unknown },
  clock: Clock,
  of: string,
): ClientAuth {
  const invalid = invalidIn(of)
  if (options.certificateBoundTokens && options.fetch === undefined) {
    throw invalid('certificateBoundTokens needs fetch, the function that presents the certificate')
  }
  const way = requireOneOf(of, options, WAYS)
  if (options.clientSecretMethod !== undefined && way !== 'clientSecret') {
    throw invalid('clientSecretMethod needs clientSecret. Set it too')
  }
  if (options.privateKeyJwt !== undefined) return signedAssertion(options.privateKeyJwt, clock, invalid)
  if (options.clientAssertion !== undefined) return providedAssertion(options.clientAssertion)
  if (way === 'clientSecret') {
    const by = options.clientSecretMethod === 'client_secret_post' ? ClientSecretPost : ClientSecretBasic
    const { clientSecret = '' } = options
    return typeof clientSecret === 'function'
      ? providedSecret(() => clientSecret({ clock }), by)
      : by(clientSecret)
  }
  if (options[way] !== true) throw invalid(`${way} must be true or left out`)
  if (way === 'dangerouslyPublicClient') return None()
  if (options.fetch === undefined) {
    throw invalid('tlsClientAuth needs fetch, the function that presents the certificate')
  }
  return TlsClientAuth()
}

function providedSecret(
  provide: () => string | Promise<string>,
  by: (secret: string) => ClientAuth,
): ClientAuth {
  return async (...request) => {
    let secret: unknown
    try {
      secret = await provide()
    } catch (error) {
      throw cannotProve('clientSecret failed', causeOf(error))
    }
    if (typeof secret !== 'string' || secret === '') throw cannotProve('clientSecret returned no secret')
    await by(secret)(...request)
  }
}

function providedAssertion(provide: () => ProvidedAssertion | Promise<ProvidedAssertion>): ClientAuth {
  return async (_server, client, body) => {
    const { assertion, type } = await readAssertion(provide)
    body.set('client_id', client.client_id)
    body.set('client_assertion_type', type)
    body.set('client_assertion', assertion)
  }
}

async function readAssertion(
  provide: () => ProvidedAssertion | Promise<ProvidedAssertion>,
): Promise<ClientAssertion> {
  let provided: Partial<ClientAssertion> | string | null
  try {
    provided = await provide()
  } catch (error) {
    throw cannotProve('clientAssertion failed', causeOf(error))
  }
  const { assertion, type } =
    typeof provided === 'string' ? { assertion: provided, type: JWT_BEARER } : (provided ?? {})
  const trimmed = typeof assertion === 'string' ? assertion.trim() : ''
  if (trimmed === '' || typeof type !== 'string' || type === '') {
    throw cannotProve('clientAssertion returned no assertion')
  }
  return { assertion: trimmed, type }
}

/**
 * Returns a hint for a provider that refuses a secret which `client_secret_basic` sends encoded (RFC 6749 §2.3.1): some
 * providers do not decode it. Returns `null` when that cannot be the cause.
 */
export function credentialsHint(
  clientId: string,
  secret: string | undefined,
  isBasic: boolean,
): string | null {
  if (!isBasic || secret === undefined || /^[\w.*]*$/.test(clientId + secret)) return null
  return 'If they are right, the provider may not decode client_secret_basic: set clientSecretMethod to client_secret_post.'
}
