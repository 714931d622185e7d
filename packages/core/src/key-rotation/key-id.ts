import { BffError } from '../internal/bff-error.ts'
import {
  hasWholeHead,
  idIn,
  MAC,
  nodeRingKey,
  parseEncryptionKeys,
  webRingKey,
} from '../internal/crypto/keyring.ts'
import { nodeCrypto } from '../internal/crypto/platform.ts'

/**
 * Returns the id of an encryption key, which is derived from it and reveals nothing of it: the `keyId` of `crypto.key_worn`, and
 * the `id` of {@link OlderKey}.
 *
 * @param key 32 bytes as base64, base64url or hex
 * @throws BffError `invalid_config` for anything else
 */
export async function encryptionKeyId(key: string): Promise<string> {
  const [raw] = parseEncryptionKeys([key])
  if (raw === undefined) throw new BffError('internal_error')
  const node = nodeCrypto()
  return (node ? nodeRingKey(node, raw) : await webRingKey(raw)).id
}

/** The id of the key that sealed an envelope; `null` when it names none. */
export const sealedBy = (envelope: Uint8Array): string | null =>
  hasWholeHead(envelope) ? idIn(envelope) : null

/** The id of the key that made a keyed hash; `null` when it names none. */
export const hashedBy = (hash: string): string | null =>
  MAC.test(hash) ? hash.slice(0, hash.indexOf('.')) : null
