/**
 * `@bff/core/store`: the rules every store shares, for those who write one. The contracts themselves are types of
 * `@bff/core`.
 *
 * @module
 */
export { type Cursor, decodeCursor, encodeCursor, newestFirst, readPage } from './cursor.ts'
export { matchesFilter, requireOwner } from './filter.ts'
export { requireTtl } from './ttl.ts'
export { SEALED_FIELDS, WIPED } from './wiped.ts'
