import type { SessionRecord } from '@bff/core'
import { SEALED_FIELDS } from '@bff/core/store'

/** Several copies share this many bytes, as small buffers of Node do: an allocation costs more than a copy. */
const SLAB_BYTES = 8_192

let slab = new Uint8Array(SLAB_BYTES)
let used = 0

type Copy = { -readonly [Field in keyof SessionRecord]: SessionRecord[Field] }

/**
 * Returns the copy to store, in place of `former`. Metadata and revocation are frozen, so that they can be returned without
 * a copy. Its sealed fields lie one behind the other in one buffer, so that {@link isolate} copies them at once.
 */
export function keep(record: SessionRecord, former: SessionRecord | null): SessionRecord {
  const metadata = record.metadata === former?.metadata ? former.metadata : freezeJson(record.metadata)
  const revocation = record.revocation && Object.freeze({ ...record.revocation })
  const kept: Copy = { ...record, metadata, revocation }
  let size = 0
  for (const field of SEALED_FIELDS) size += record[field]?.length ?? 0
  const all = new Uint8Array(size)
  let offset = 0
  for (const field of SEALED_FIELDS) {
    const bytes = record[field]
    if (bytes === null) continue
    all.set(bytes, offset)
    kept[field] = all.subarray(offset, offset + bytes.length)
    offset += bytes.length
  }
  return kept
}

/** Returns the copy of a stored record for a caller: bytes cannot be frozen. */
export function isolate(kept: SessionRecord): SessionRecord {
  const copy: Copy = { ...kept }
  let place: { readonly buffer: ArrayBuffer; readonly start: number } | null = null
  for (const field of SEALED_FIELDS) {
    const bytes = kept[field]
    if (bytes === null) continue
    place ??= copied(new Uint8Array(bytes.buffer))
    copy[field] = new Uint8Array(place.buffer, place.start + bytes.byteOffset, bytes.length)
  }
  return copy
}

function copied(bytes: Uint8Array) {
  const { length } = bytes
  if (length > SLAB_BYTES / 2) return { buffer: bytes.slice().buffer as ArrayBuffer, start: 0 }
  if (used + length > SLAB_BYTES) {
    slab = new Uint8Array(SLAB_BYTES)
    used = 0
  }
  const start = used
  slab.set(bytes, start)
  used += length
  return { buffer: slab.buffer, start }
}

/** Returns the copy that a JSON store would read back, frozen at every depth. */
function freezeJson(value: SessionRecord['metadata']): SessionRecord['metadata'] {
  return JSON.parse(JSON.stringify(value), (_key, part) => Object.freeze(part))
}
