import type { SessionRecord } from '@bff/core'
import { SEALED_FIELDS } from '@bff/core/store'

/**
 * The copy that goes into the store, in place of `former`. Metadata and revocation are frozen, so that they can
 * be handed out as they are.
 */
export function keep(record: SessionRecord, former: SessionRecord | null): SessionRecord {
  const metadata = record.metadata === former?.metadata ? former.metadata : freezeJson(record.metadata)
  const revocation = record.revocation && Object.freeze({ ...record.revocation })
  return { ...copyOf(record, ownPlace), metadata, revocation }
}

/** The copy that goes out. */
export function isolate(record: SessionRecord): SessionRecord {
  return copyOf(record, sharedPlace)
}

/** Bytes cannot be frozen, so they are copied. */
function copyOf(record: SessionRecord, placeOf: (size: number) => Uint8Array): SessionRecord {
  const copy: { -readonly [Field in keyof SessionRecord]: SessionRecord[Field] } = { ...record }
  for (const field of SEALED_FIELDS) {
    const bytes = record[field]
    if (bytes === null) continue
    const place = placeOf(bytes.length)
    place.set(bytes)
    copy[field] = place
  }
  return copy
}

const ownPlace = (size: number) => new Uint8Array(size)

const BLOCK_BYTES = 16_384
let block = new ArrayBuffer(BLOCK_BYTES)
let used = 0

/** Places of one block, as allocating is what a copy costs. Only for what goes out: a kept one would keep its block. */
function sharedPlace(size: number): Uint8Array {
  if (size > BLOCK_BYTES / 4) return ownPlace(size)
  if (used + size > BLOCK_BYTES) {
    block = new ArrayBuffer(BLOCK_BYTES)
    used = 0
  }
  const place = new Uint8Array(block, used, size)
  used += size
  return place
}

/** The last moment of its life; it is expired strictly after (S1-7). */
export function endOf({ expiresAt, absoluteExpiresAt, refreshTokenExpiresAt }: SessionRecord): number {
  return Math.min(expiresAt, absoluteExpiresAt, refreshTokenExpiresAt ?? Number.POSITIVE_INFINITY)
}

/** The copy a store of JSON would read back, frozen all the way down. */
function freezeJson(value: SessionRecord['metadata']): SessionRecord['metadata'] {
  return JSON.parse(JSON.stringify(value), (_key, part) => Object.freeze(part))
}
