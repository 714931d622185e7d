import type { SessionRecord } from '@bff/core'
import { SEALED_FIELDS } from '@bff/core/store'

/**
 * Returns the copy to store, in place of `former`. Metadata and revocation are frozen, so that they can be returned without
 * a copy.
 */
export function keep(record: SessionRecord, former: SessionRecord | null): SessionRecord {
  const metadata = record.metadata === former?.metadata ? former.metadata : freezeJson(record.metadata)
  const revocation = record.revocation && Object.freeze({ ...record.revocation })
  return { ...isolate(record), metadata, revocation }
}

/**
 * Returns the copy for a caller. Bytes cannot be frozen, so they are copied, into one buffer, because allocation is
 * expensive.
 */
export function isolate(record: SessionRecord): SessionRecord {
  const copy: { -readonly [Field in keyof SessionRecord]: SessionRecord[Field] } = { ...record }
  let size = 0
  for (const field of SEALED_FIELDS) size += record[field]?.length ?? 0
  const buffer = new ArrayBuffer(size)
  let offset = 0
  for (const field of SEALED_FIELDS) {
    const bytes = record[field]
    if (bytes === null) continue
    const place = new Uint8Array(buffer, offset, bytes.length)
    place.set(bytes)
    copy[field] = place
    offset += bytes.length
  }
  return copy
}

/** Returns the copy that a JSON store would read back, frozen at every depth. */
function freezeJson(value: SessionRecord['metadata']): SessionRecord['metadata'] {
  return JSON.parse(JSON.stringify(value), (_key, part) => Object.freeze(part))
}
