import { SEALED_FIELDS, type SessionRecord } from '@bff/core'

/**
 * A copy that shares no changeable memory with `record`, for both ways, in and out.
 *
 * Bytes cannot be frozen, so they are copied (by constructor: a Node `Buffer`'s own `slice` shares). Metadata is
 * frozen all the way down and shared.
 */
export function isolate(record: SessionRecord): SessionRecord {
  const copy: { -readonly [Field in keyof SessionRecord]: SessionRecord[Field] } = { ...record }
  for (const field of SEALED_FIELDS) {
    const bytes = record[field]
    if (bytes !== null) copy[field] = new Uint8Array(bytes)
  }
  return copy
}

/** The copy a store of JSON would read back, frozen all the way down. */
export function freezeJson<T>(value: T): T {
  return JSON.parse(JSON.stringify(value), (_key, part) => Object.freeze(part))
}

/** The last moment of its life; it is expired strictly after (S1-7). */
export function endOf(record: SessionRecord): number {
  const { expiresAt, absoluteExpiresAt, refreshTokenExpiresAt } = record
  return Math.min(expiresAt, absoluteExpiresAt, refreshTokenExpiresAt ?? Number.POSITIVE_INFINITY)
}
