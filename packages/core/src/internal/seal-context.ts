import type { SealContext } from '../contracts/encryptor.ts'
import type { SEALED_FIELDS } from '../contracts/sealed-fields.ts'
import type { SessionHandle } from '../contracts/session.ts'

export type SealedColumn = (typeof SEALED_FIELDS)[number]

/** What an envelope of a record is bound to: its handle, and the column's name without its ending (CRY-03, DPO-16). */
export const sealContextOf = (handle: SessionHandle, column: SealedColumn): SealContext => ({
  recordId: handle,
  field: column.slice(0, -'Encrypted'.length),
})
