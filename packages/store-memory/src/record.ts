import type { SessionRecord } from '@bff/core'
import { SEALED_FIELDS } from '@bff/core/store'

/**
 * The copy that goes into the store, in place of `former`. Metadata and revocation are frozen, so that they can
 * be handed out as they are.
 */
export function keep(record: SessionRecord, former: SessionRecord | null): SessionRecord {
  const metadata = record.metadata === former?.metadata ? former.metadata : freezeJson(record.metadata)
  const revocation = record.revocation && Object.freeze({ ...record.revocation })
  return { ...isolate(record), metadata, revocation }
}

/** The copy that goes out. Bytes cannot be frozen, so they are copied; into one buffer, as allocating is what costs. */
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

/** The copy a store of JSON would read back, frozen all the way down. */
function freezeJson(value: SessionRecord['metadata']): SessionRecord['metadata'] {
  return JSON.parse(JSON.stringify(value), (_key, part) => Object.freeze(part))
}
