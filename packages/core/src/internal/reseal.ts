import type { Encryptor } from '../contracts/encryptor.ts'
import { SEALED_FIELDS } from '../contracts/sealed-fields.ts'
import type { SessionRecord } from '../contracts/session.ts'
import { type BffError, isBffError } from './bff-error.ts'
import { type SealedColumn, sealContextOf } from './seal-context.ts'

type SealedFields = Pick<SessionRecord, 'handle' | SealedColumn>

/** A sealed field that the key ring does not open. */
export interface UnopenedField {
  readonly envelope: Uint8Array
  readonly code: 'key_unavailable' | 'seal_broken'
}

export interface Resealed {
  /** The fields that an older key had sealed, sealed with the newest; empty without such fields. */
  readonly fields: Partial<Record<SealedColumn, Uint8Array>>
  /** Those that an older key, or none of the ring, had sealed, and that do not open: they stay as they are. */
  readonly unopened: readonly UnopenedField[]
}

/** Reseals the fields that an older key sealed, for the record's next write (CRY-06). */
export async function resealStale(encryptor: Encryptor, record: SealedFields): Promise<Resealed> {
  const fields: Partial<Record<SealedColumn, Uint8Array>> = {}
  const unopened: UnopenedField[] = []
  for (const column of SEALED_FIELDS) {
    const envelope = record[column]
    if (envelope === null || !encryptor.needsReseal(envelope)) continue
    const context = sealContextOf(record.handle, column)
    try {
      fields[column] = await encryptor.encrypt(await encryptor.decrypt(envelope, context), context)
    } catch (error) {
      if (!isUnopened(error)) throw error
      unopened.push({ envelope, code: error.code })
    }
  }
  return { fields, unopened }
}

const isUnopened = (error: unknown): error is BffError & { readonly code: UnopenedField['code'] } =>
  isBffError(error, 'seal_broken') || isBffError(error, 'key_unavailable')
