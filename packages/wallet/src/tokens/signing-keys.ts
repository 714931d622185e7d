import { BffError } from '@bff/core'
import {
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  importPKCS8,
  importSPKI,
  type JSONWebKeySet,
  type JWK,
} from 'jose'

/**
 * A P-256 key: a PEM (`BEGIN PRIVATE KEY`, or `BEGIN PUBLIC KEY` for a key that only verifies), or a JWK. Its id is the
 * JWK's `kid`, otherwise its RFC 7638 thumbprint.
 */
export type SigningKey = string | JWK

/** The keys that sign and verify tokens. */
export interface SigningKeys {
  /** The key that signs. */
  current(): Promise<{ readonly kid: string; readonly key: CryptoKey }>
  /**
   * Returns the public key with this id; `null` for an unknown id. It never loads keys that a token names (RFC 8725 §3.10,
   * JWT-02).
   */
  find(kid: string | undefined): Promise<CryptoKey | null>
  /** Returns the key set (RFC 7517), with public members only. */
  jwks(): Promise<JSONWebKeySet>
}

interface ImportedKey {
  readonly kid: string
  readonly publicJwk: JWK
  readonly publicKey: CryptoKey
  readonly privateKey: CryptoKey | null
}

const ALGORITHM = 'ES256'
const invalid = (message: string) => new BffError('invalid_config', message)

/** @throws BffError `invalid_config`, at once for a malformed key, otherwise at the first use of the key */
export function createSigningKeys(given: readonly SigningKey[]): SigningKeys {
  given.forEach(refuseNoKey)
  return keysOf(() => Promise.all(given.map((key, index) => importKey(key, index))))
}

/** Generates a key pair for this process: its tokens are not valid after a restart, or on another instance. */
export function generateSigningKeys(): SigningKeys {
  return keysOf(async () => {
    const { publicKey, privateKey } = await generateKeyPair(ALGORITHM)
    const publicJwk = publicMembers(await exportJWK(publicKey))
    return [{ kid: await calculateJwkThumbprint(publicJwk), publicJwk, publicKey, privateKey }]
  })
}

function keysOf(load: () => Promise<ImportedKey[]>): SigningKeys {
  let loading: Promise<Map<string, ImportedKey>> | null = null
  const loaded = () => {
    loading ??= load().then((keys) => {
      const byId = new Map(keys.map((key) => [key.kid, key]))
      if (byId.size !== keys.length) throw invalid('keys has two keys with the same id. Remove one.')
      return byId
    })
    return loading
  }
  return {
    async current() {
      const [first] = (await loaded()).values()
      if (first === undefined || first.privateKey === null)
        throw invalid('The first of keys must be a private key, because it signs.')
      return { kid: first.kid, key: first.privateKey }
    },
    find: async (kid) => (kid === undefined ? null : ((await loaded()).get(kid)?.publicKey ?? null)),
    async jwks() {
      const keys = [...(await loaded()).values()]
      return { keys: keys.map(({ kid, publicJwk }) => ({ ...publicJwk, kid, alg: ALGORITHM, use: 'sig' })) }
    },
  }
}

function refuseNoKey(key: SigningKey, index: number): void {
  const isFirst = index === 0
  const isEmpty = typeof key === 'string' && key.trim() === ''
  if (isEmpty || key === undefined)
    throw invalid(
      `Key ${index + 1} of keys is ${isEmpty ? 'empty' : 'missing'}. Set it, or its environment variable.`,
    )
  if (typeof key === 'string') {
    const [, label] = /^\s*-----BEGIN ([A-Z ]+)-----/.exec(key) ?? []
    if (label === 'EC PRIVATE KEY')
      throw invalid(
        `Key ${index + 1} of keys is in SEC 1 form. Convert it with: openssl pkcs8 -topk8 -nocrypt`,
      )
    if (label !== 'PRIVATE KEY' && (isFirst || label !== 'PUBLIC KEY')) throw notAKey(index)
    return
  }
  const isPublic = key?.kty === 'EC' && key.crv === 'P-256' && isText(key.x) && isText(key.y)
  if (!isPublic || (isFirst && !isText(key.d))) throw notAKey(index)
}

const isText = (value: unknown) => typeof value === 'string' && value !== ''

const notAKey = (index: number) =>
  invalid(
    `Key ${index + 1} of keys must be a P-256 key, as PEM or JWK, the first a private one. Make one with: ` +
      'openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256',
  )

async function importKey(key: SigningKey, index: number): Promise<ImportedKey> {
  try {
    const full = typeof key === 'string' ? await jwkOf(key) : key
    const publicJwk = publicMembers(full)
    const { kid = await calculateJwkThumbprint(publicJwk) } = full
    return {
      kid,
      publicJwk,
      publicKey: await importMembers(publicJwk),
      privateKey: full.d === undefined ? null : await importMembers({ ...publicJwk, d: full.d }),
    }
  } catch {
    // The cause could quote the key.
    throw notAKey(index)
  }
}

async function jwkOf(pem: string): Promise<JWK> {
  const read = pem.includes('BEGIN PUBLIC KEY') ? importSPKI : importPKCS8
  return exportJWK(await read(pem, ALGORITHM, { extractable: true }))
}

/** Not extractable: code that reads this process's objects cannot read the key (JWT-08). */
async function importMembers(jwk: JWK): Promise<CryptoKey> {
  const key = await importJWK({ ...jwk, ext: false }, ALGORITHM, { extractable: false })
  if (key instanceof Uint8Array) throw new TypeError('symmetric')
  return key
}

function publicMembers({ kty = '', crv = '', x = '', y = '' }: JWK): JWK {
  return { kty, crv, x, y }
}
