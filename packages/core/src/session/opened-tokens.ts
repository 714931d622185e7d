import type { Encryptor } from '../contracts/encryptor.ts'
import type { AccessTokens } from '../contracts/session.ts'
import { createLru } from '../internal/lru.ts'
import { openAccessTokens, type SealedRecord } from './seal.ts'

/** How many sessions' access tokens stay opened. */
const OPENED = 1_000

interface Opened {
  readonly token: Uint8Array
  readonly key: Uint8Array | null
  readonly thumbprint: string | null
  readonly tokens: AccessTokens
}

/**
 * Returns what opens the access token of a record, as {@link openAccessTokens} does, once for each sealed value: every call
 * to an API needs the token, and a refresh alone changes it.
 */
export function createTokenOpener(
  encryptor: Encryptor,
): (record: SealedRecord) => AccessTokens | Promise<AccessTokens | null> {
  const opened = createLru<Opened>(OPENED)

  async function open(record: SealedRecord): Promise<AccessTokens | null> {
    const {
      handle,
      accessTokenEncrypted: token,
      dpopKeyPairEncrypted: key,
      dpopThumbprint: thumbprint,
    } = record
    const tokens = await openAccessTokens(encryptor, record)
    if (tokens === null || token === null) return null
    // Shared by all requests of the session from now on.
    const { dpopKeyPair } = Object.freeze(tokens)
    if (dpopKeyPair !== null)
      for (const part of [dpopKeyPair, dpopKeyPair.privateJwk, dpopKeyPair.publicJwk]) Object.freeze(part)
    opened.set(handle, { token, key, thumbprint, tokens })
    return tokens
  }

  return (record) => {
    const known = opened.get(record.handle)
    // The bytes decide, not the version: a store that mixes up two records must fail as it does without this.
    const isKnown =
      known !== undefined &&
      known.thumbprint === record.dpopThumbprint &&
      isSame(known.token, record.accessTokenEncrypted) &&
      isSame(known.key, record.dpopKeyPairEncrypted)
    return isKnown ? known.tokens : open(record)
  }
}

function isSame(a: Uint8Array | null, b: Uint8Array | null): boolean {
  if (a === null || b === null) return a === b
  if (a.length !== b.length) return false
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false
  return true
}
