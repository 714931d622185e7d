import { BffError } from '@bff/core'
import type { JWK } from 'jose'
import type { ClientAuthenticationOptions } from './client-authentication.ts'
import { invalidIn } from './option-rules.ts'
import { algorithmOf, type PrivateKey } from './signed-assertion.ts'
import type { SigningAlgorithm } from './signing-algorithms.ts'

/** FAPI 2.0 Security Profile §5.4. */
const ALGORITHMS = ['PS256', 'ES256', 'EdDSA', 'Ed25519'] as const satisfies readonly SigningAlgorithm[]
const MIN_RSA_BITS = 2048

/** The options that the profile rules. */
interface RuledOptions extends ClientAuthenticationOptions {
  readonly par?: 'auto' | 'always' | 'never'
  readonly dpop?: boolean
  readonly signingAlgorithms?: readonly SigningAlgorithm[]
  readonly dangerouslyAllowInsecureIssuer?: boolean
}

/**
 * Returns `options` with what the FAPI 2.0 Security Profile demands of a client turned on.
 *
 * @throws BffError `invalid_config` for an option that the profile forbids
 */
export function fapi2<Options extends RuledOptions>(options: Options): Options {
  const { privateKeyJwt, tlsClientAuth, certificateBoundTokens, par, dpop, signingAlgorithms } = options
  const isBound = tlsClientAuth !== undefined || certificateBoundTokens === true
  if (privateKeyJwt === undefined && tlsClientAuth === undefined) {
    throw forbidden('the application to authenticate with privateKeyJwt or tlsClientAuth')
  }
  if (par !== undefined && par !== 'always') throw forbidden('par to be always')
  if (dpop === false && !isBound) {
    throw forbidden(
      'tokens to be bound to a key: dpop must be true, or tlsClientAuth or certificateBoundTokens set',
    )
  }
  if (signingAlgorithms?.some((algorithm) => !isAllowed(algorithm))) {
    throw forbidden(`signingAlgorithms to name only ${ALGORITHMS.join(', ')}`)
  }
  if (options.dangerouslyAllowInsecureIssuer) throw forbidden('an issuer with https')
  return {
    ...options,
    par: 'always',
    dpop: dpop ?? !isBound,
    signingAlgorithms: signingAlgorithms ?? ALGORITHMS,
    ...(privateKeyJwt === undefined ? {} : { privateKeyJwt: strongKey(privateKeyJwt) }),
  }
}

const isAllowed = (algorithm: string) => (ALGORITHMS as readonly string[]).includes(algorithm)

/** A JWK of an RSA key says with `alg` which of two algorithms it is for; without, it is used for the allowed one. */
function strongKey(privateKey: PrivateKey): PrivateKey {
  const { key } = privateKey
  if (key instanceof CryptoKey) {
    const { name } = key.algorithm
    if (name === 'RSASSA-PKCS1-v1_5') throw forbiddenKey()
    if ('modulusLength' in key.algorithm && Number(key.algorithm.modulusLength) < MIN_RSA_BITS)
      throw forbiddenKey()
    return privateKey
  }
  const isRsa = 'kty' in key && key.kty === 'RSA'
  const chosen = isRsa && key.alg === undefined ? { ...key, alg: 'PS256' } : key
  const algorithm = 'sign' in chosen ? chosen.alg : algorithmOf(chosen, invalidIn('oidc'))
  if (!isAllowed(String(algorithm)) || (isRsa && rsaBits(key) < MIN_RSA_BITS)) throw forbiddenKey()
  return { ...privateKey, key: chosen }
}

const rsaBits = ({ n = '' }: JWK) => Math.floor((n.length * 6) / 8) * 8

const forbiddenKey = () =>
  forbidden(
    `privateKeyJwt.key to sign with one of ${ALGORITHMS.join(', ')}, an RSA key to have ${MIN_RSA_BITS} bits or more`,
  )

function forbidden(rule: string): BffError {
  return new BffError(
    'invalid_config',
    `The FAPI 2.0 Security Profile wants ${rule}. Change it, or leave out profile.`,
  )
}
