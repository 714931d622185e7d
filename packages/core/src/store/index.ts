/**
 * `@bff/core/store`: functions that every store needs, for authors of stores. The contracts themselves are types of
 * `@bff/core`.
 *
 * @module
 */

export { SEALED_FIELDS, WIPED } from '../contracts/sealed-fields.ts'
export {
  ABSENT,
  type FieldsWith,
  fieldsWith,
  SESSION_FIELDS,
  type SessionField,
  type SessionFieldFacts,
  type SessionFieldType,
  type SessionFieldValues,
} from '../contracts/session-fields.ts'
export { type BackgroundCleanupOptions, withCleanup } from './cleanup.ts'
export { type CreationRateOptions, withCreationRate } from './creation-rate.ts'
export {
  type Cursor,
  decodeCursor,
  encodeCursor,
  newestFirst,
  pageOf,
  readHandlePage,
  readPage,
} from './cursor.ts'
export { inProcessEventBus } from './event-bus.ts'
export { isOfAnyOwner, matchesFilter, requireOwner } from './filter.ts'
export { givenFields } from './given-fields.ts'
export { withPartition } from './partition.ts'
export { type PseudonymsOptions, withPseudonyms } from './pseudonyms.ts'
export { type RecordLimitOptions, withRecordLimit } from './record-limit.ts'
export { type SessionCacheOptions, sessionCache } from './session-cache.ts'
export { requireTtl } from './ttl.ts'
