import { BffError, type Clock } from '@bff/core'
import { refuseUnknown } from '@bff/core/authoring'
import { base64url, importJWK, type JWK } from 'jose'
import { type ClientAuth, PrivateKeyJwt } from 'openid-client'
import { causeOf } from './cause.ts'
import type { Invalid } from './option-rules.ts'
import { SIGNING_ALGORITHMS, type SigningAlgorithm } from './signing-algorithms.ts'

/** The key of `private_key_jwt` client authentication (RFC 7523 §2.2, OpenID Connect Core §9). */
export interface PrivateKey {
  /** The private key: a `CryptoKey` that may sign, a private JWK, or a key that another system keeps. */
  readonly key: CryptoKey | JWK | RemoteSigningKey
  /** The `kid` of its public half at the provider. @default the JWK's own, or none */
  readonly kid?: string
}

/** A private key that never leaves the system that keeps it, such as a KMS or an HSM. */
export interface RemoteSigningKey {
  readonly alg: SigningAlgorithm
  /**
   * Signs `data` once for each authentication. An ECDSA signature may be as JWS has it (RFC 7518 §3.4) or in DER, as most
   * KMS return it. When it throws, the operation fails with `provider_unavailable`.
   */
  readonly sign: (data: Uint8Array) => Promise<Uint8Array>
}

/** As OpenID Connect Core §9 requires of the form; the type is that of RFC 7523 §2.2. */
export const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const LIFETIME_SECONDS = 60

/** @throws BffError `invalid_config` */
export function signedAssertion(privateKey: PrivateKey, clock: Clock, invalid: Invalid): ClientAuth {
  refuseUnknown('privateKeyJwt', privateKey, ['key', 'kid'])
  const { key, kid } = privateKey
  if (key instanceof CryptoKey) {
    if (key.type !== 'private' || !key.usages.includes('sign')) {
      throw invalid('privateKeyJwt.key must be a private key that may sign')
    }
    return PrivateKeyJwt(kid === undefined ? key : { key, kid })
  }
  return isRemote(key) ? signedElsewhere(key, kid, clock, invalid) : signedWithJwk(key, kid, invalid)
}

const isRemote = (key: JWK | RemoteSigningKey): key is RemoteSigningKey =>
  typeof key === 'object' && key !== null && 'sign' in key

function signedWithJwk(key: JWK, kid: string | undefined, invalid: Invalid): ClientAuth {
  const algorithm = algorithmOf(key, invalid)
  const keyId = kid ?? key.kid
  let imported: Promise<ClientAuth> | null = null
  const authentication = async (): Promise<ClientAuth> => {
    const privateKey = await importJWK(key, algorithm)
    if (!(privateKey instanceof CryptoKey)) throw invalid('privateKeyJwt.key must be an asymmetric key')
    return PrivateKeyJwt(keyId === undefined ? privateKey : { key: privateKey, kid: keyId })
  }
  return async (...request) => {
    imported ??= authentication().catch(() => {
      throw invalid(`privateKeyJwt.key cannot be imported as a key for ${algorithm}`)
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

/** Returns the algorithm a private JWK signs with. */
export function algorithmOf(jwk: JWK, invalid: Invalid): string {
  if (typeof jwk !== 'object' || jwk === null || typeof jwk.d !== 'string') {
    throw invalid(
      'privateKeyJwt.key must be a CryptoKey, a private JWK, or { alg, sign } for a key kept elsewhere',
    )
  }
  if (jwk.alg !== undefined) return jwk.alg
  const algorithm = jwk.kty === 'RSA' ? 'RS256' : ALGORITHM_OF_CURVE[jwk.crv ?? '']
  if (algorithm === undefined)
    throw invalid('privateKeyJwt.key must be an RSA, P-256, P-384, P-521 or Ed25519 key')
  return algorithm
}

function signedElsewhere(
  key: RemoteSigningKey,
  kid: string | undefined,
  clock: Clock,
  invalid: Invalid,
): ClientAuth {
  refuseUnknown('privateKeyJwt.key', key, ['alg', 'sign'])
  const { alg, sign } = key
  if (!SIGNING_ALGORITHMS.includes(alg)) {
    throw invalid(`privateKeyJwt.key.alg must be one of: ${SIGNING_ALGORITHMS.join(', ')}`)
  }
  if (typeof sign !== 'function') throw invalid('privateKeyJwt.key.sign must be a function')
  return async (server, client, body) => {
    const now = Math.floor(clock.now() / 1000)
    const claims = {
      iss: client.client_id,
      sub: client.client_id,
      aud: server.issuer,
      jti: crypto.randomUUID(),
      iat: now,
      exp: now + LIFETIME_SECONDS,
    }
    const input = [{ alg, kid }, claims].map((part) => base64url.encode(JSON.stringify(part))).join('.')
    body.set('client_id', client.client_id)
    body.set('client_assertion_type', JWT_BEARER)
    body.set('client_assertion', `${input}.${base64url.encode(await signature(key, input))}`)
  }
}

async function signature({ alg, sign }: RemoteSigningKey, input: string): Promise<Uint8Array> {
  let bytes: unknown
  try {
    bytes = await sign(new TextEncoder().encode(input))
  } catch (error) {
    throw cannotProve('privateKeyJwt.key.sign failed', causeOf(error))
  }
  if (!(bytes instanceof Uint8Array)) throw cannotProve('privateKeyJwt.key.sign returned no Uint8Array')
  const size = ECDSA_NUMBER_BYTES[alg]
  if (size === undefined || bytes.length === 2 * size) return bytes
  const fromDer = ecdsaFromDer(bytes, size)
  if (fromDer === null) throw cannotProve(`privateKeyJwt.key.sign returned no signature for ${alg}`)
  return fromDer
}

/** The error for what this application cannot prove right now: nothing was sent to the provider. */
export function cannotProve(what: string, cause?: Error): BffError {
  return new BffError(
    'provider_unavailable',
    `${what}, so this application could not authenticate at the identity provider.`,
    cause === undefined ? {} : { cause },
  )
}

/** The bytes of one of the two numbers of a signature (RFC 7518 §3.4). */
const ECDSA_NUMBER_BYTES: Readonly<Record<string, number>> = { ES256: 32, ES384: 48, ES512: 66 }

/** Returns `r || s` of a DER sequence of two integers (RFC 3279 §2.2.3), or `null` when the bytes are something else. */
function ecdsaFromDer(der: Uint8Array, size: number): Uint8Array | null {
  const content = derValue(der, 0x30)
  const r = content && derValue(content.value, 0x02)
  const s = r && derValue(r.rest, 0x02)
  if (!content || !r || !s || content.rest.length > 0 || s.rest.length > 0) return null
  const joined = new Uint8Array(2 * size)
  for (const [index, { value }] of [r, s].entries()) {
    const number = value[0] === 0 ? value.subarray(1) : value
    if (number.length > size) return null
    joined.set(number, (index + 1) * size - number.length)
  }
  return joined
}

/** Reads one DER value of type `tag`, whose length takes one byte or two: no signature is longer. */
function derValue(bytes: Uint8Array, tag: number): { value: Uint8Array; rest: Uint8Array } | null {
  const [type, first = 0, second = 0] = bytes
  const [start, length] = first === 0x81 ? [3, second] : [2, first]
  if (type !== tag || first > 0x81 || first === 0x80 || bytes.length < start + length) return null
  return { value: bytes.subarray(start, start + length), rest: bytes.subarray(start + length) }
}
