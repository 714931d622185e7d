import type { Encryptor } from '../contracts/encryptor.ts'
import { SEALED_FIELDS } from '../contracts/sealed-fields.ts'
import type { SessionRecord } from '../contracts/session.ts'
import { isBffError } from '../internal/bff-error.ts'
import { sealContextOf } from '../internal/seal-context.ts'
import { hashedBy, sealedBy } from './key-id.ts'

/** A key that a record needs and that is not the newest. */
export interface KeyUse {
  /** `null` when the record does not name it. */
  readonly id: string | null
  readonly isMissing: boolean
}

/** What a record needs besides the newest key. */
export interface RecordKeys {
  readonly olderKeys: readonly KeyUse[]
  /** Whether a value of it opens with no key at all. */
  readonly isBroken: boolean
}

/** Any text: the keyed hashes of it tell keys apart. */
const PROBE = 'key'

/**
 * Whether the newest key made this hash.
 *
 * @throws BffError `key_unavailable`, `seal_broken`
 */
export async function isHashedByNewest(encryptor: Encryptor, hash: string): Promise<boolean> {
  return (await encryptor.mac(PROBE, hash)) === (await encryptor.mac(PROBE))
}

/** Says which keys a record needs besides the newest, and changes nothing. */
export async function olderKeysOf(encryptor: Encryptor, record: SessionRecord): Promise<RecordKeys> {
  const olderKeys: KeyUse[] = []
  let isBroken = false
  const look = async (id: string | null, isNewest: () => Promise<boolean>) => {
    try {
      if (!(await isNewest())) olderKeys.push({ id, isMissing: false })
    } catch (error) {
      if (isBffError(error, 'key_unavailable')) olderKeys.push({ id, isMissing: true })
      else if (isBffError(error, 'seal_broken')) isBroken = true
      else throw error
    }
  }
  const { secretHash } = record
  await look(hashedBy(secretHash), () => isHashedByNewest(encryptor, secretHash))
  for (const column of SEALED_FIELDS) {
    const envelope = record[column]
    if (envelope === null || !encryptor.needsReseal(envelope)) continue
    await look(sealedBy(envelope), async () => {
      await encryptor.decrypt(envelope, sealContextOf(record.handle, column))
      return false
    })
  }
  return { olderKeys, isBroken }
}
