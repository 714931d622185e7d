import type { InsecureOption } from '@bff/core'
import { refuseUnknown } from '@bff/core/authoring'
import { importJWK, type JWK } from 'jose'
import { type ClientAuth, ClientSecretBasic, ClientSecretPost, None, PrivateKeyJwt } from 'openid-client'
import { invalid, text } from './check.ts'

/** The key of `private_key_jwt` client authentication (RFC 7523 §2.2, OpenID Connect Core §9). */
export interface PrivateKey {
  /** The private key: a `CryptoKey` that may sign, or a private JWK. */
  readonly key: CryptoKey | JWK
  /** The `kid` of its public half at the provider. @default the JWK's own, or none */
  readonly kid?: string
}

/** How the application authenticates at the provider; set exactly one way (RFC 6749 §2.3, BFF-01). */
export interface ClientAuthenticationOptions {
  readonly clientSecret?: string
  /** How `clientSecret` is sent. @default `client_secret_basic` */
  readonly clientSecretMethod?: 'client_secret_basic' | 'client_secret_post'
  readonly privateKeyJwt?: PrivateKey
  /**
   * No authentication: anyone who obtains a code or refresh token can use it. A server can keep a secret, so register a
   * confidential client at the provider instead.
   */
  readonly dangerouslyPublicClient?: true
}

/** The risk of a client without authentication. */
export const publicClient = (option: string): InsecureOption => ({
  option,
  message:
    'The provider cannot distinguish this server from anyone who obtains a code or refresh token. Register a confidential client.',
})

/** @throws BffError `invalid_config` */
export function clientAuthentication(options: ClientAuthenticationOptions): ClientAuth {
  const { clientSecret, clientSecretMethod, privateKeyJwt, dangerouslyPublicClient } = options
  const chosen = [clientSecret, privateKeyJwt, dangerouslyPublicClient].filter((way) => way !== undefined)
  if (chosen.length !== 1) {
    throw invalid('Give exactly one of clientSecret, privateKeyJwt and dangerouslyPublicClient.')
  }
  if (clientSecretMethod !== undefined && clientSecret === undefined) {
    throw invalid('clientSecretMethod needs clientSecret. Set it too.')
  }
  if (privateKeyJwt !== undefined) return signedAssertion(privateKeyJwt)
  if (clientSecret === undefined) {
    if (dangerouslyPublicClient !== true) throw invalid('dangerouslyPublicClient must be true or left out.')
    return None()
  }
  return secretBy(clientSecretMethod)(text('clientSecret', clientSecret))
}

function secretBy(method: unknown): (secret: string) => ClientAuth {
  if (method === undefined || method === 'client_secret_basic') return ClientSecretBasic
  if (method === 'client_secret_post') return ClientSecretPost
  throw invalid('clientSecretMethod must be client_secret_basic or client_secret_post.')
}

function signedAssertion(privateKey: PrivateKey): ClientAuth {
  refuseUnknown('privateKeyJwt', privateKey, ['key', 'kid'])
  const { key, kid } = privateKey
  if (key instanceof CryptoKey) {
    if (key.type !== 'private' || !key.usages.includes('sign')) {
      throw invalid('privateKeyJwt.key must be a private key that may sign.')
    }
    return PrivateKeyJwt(kid === undefined ? key : { key, kid })
  }
  const algorithm = algorithmOf(key)
  const keyId = kid ?? key.kid
  let imported: Promise<ClientAuth> | null = null
  const authentication = async (): Promise<ClientAuth> => {
    const privateKey = await importJWK(key, algorithm)
    if (!(privateKey instanceof CryptoKey)) throw invalid('privateKeyJwt.key must be an asymmetric key.')
    return PrivateKeyJwt(keyId === undefined ? privateKey : { key: privateKey, kid: keyId })
  }
  return async (...request) => {
    imported ??= authentication().catch(() => {
      throw invalid(`privateKeyJwt.key cannot be imported as a key for ${algorithm}.`)
    })
    const authenticate = await imported
    await authenticate(...request)
  }
}

const ALGORITHM_OF_CURVE: Readonly<Record<string, string>> = {
  'P-256': 'ES256',
  'P-384': 'ES384',
  'P-521': 'ES512',
  Ed25519: 'Ed25519',
}

function algorithmOf(jwk: JWK): string {
  if (typeof jwk !== 'object' || jwk === null || typeof jwk.d !== 'string') {
    throw invalid('privateKeyJwt.key must be a CryptoKey or a private JWK.')
  }
  if (jwk.alg !== undefined) return jwk.alg
  const algorithm = jwk.kty === 'RSA' ? 'RS256' : ALGORITHM_OF_CURVE[jwk.crv ?? '']
  if (algorithm === undefined)
    throw invalid('privateKeyJwt.key must be an RSA, P-256, P-384, P-521 or Ed25519 key.')
  return algorithm
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
