import type { SessionHandle, SessionRecord } from '../contracts/session.ts'
import type { Page, SessionPage } from '../contracts/session-store.ts'
import { BffError } from '../internal/bff-error.ts'

/** A position in a list: after the record with these two values. */
export type Cursor = Pick<SessionRecord, 'createdAt' | 'handle'>

/**
 * Compares two records for the order of every list: newest first, ties by handle ascending (SS-16). For
 * `Array.prototype.sort`.
 */
export function newestFirst(a: Cursor, b: Cursor): number {
  return b.createdAt - a.createdAt || (a.handle < b.handle ? -1 : a.handle > b.handle ? 1 : 0)
}

/** Returns the opaque `next` of a page that ends with this record. */
export function encodeCursor({ createdAt, handle }: Cursor): string {
  return `${createdAt}.${handle}`
}

/**
 * Reads a cursor of {@link encodeCursor}. It names a position, not a record, so it stays valid when the record is deleted.
 *
 * @throws BffError `invalid_argument` when it is malformed
 */
export function decodeCursor(cursor: string): Cursor {
  const [, createdAt, handle] = /^(\d{1,15})\.([\w-]{1,64})$/.exec(cursor) ?? []
  if (createdAt === undefined || handle === undefined) throw malformed()
  return { createdAt: Number(createdAt), handle: handle as SessionHandle }
}

/**
 * Reads a page request and applies the default and the bounds; `after` is `null` on the first page.
 *
 * @throws BffError `invalid_argument` on a malformed cursor, or a limit that is not an integer from 1 to 1000
 */
export function readPage({ limit, cursor }: Page = {}): { limit: number; after: Cursor | null } {
  return { limit: readLimit(limit), after: cursor === undefined ? null : decodeCursor(cursor) }
}

/**
 * Takes the first `limit` records, and reads one more to know whether a page comes after them.
 *
 * @param records all that the page may hold, in the order of lists
 */
export async function pageOf(records: AsyncIterable<SessionRecord>, limit: number): Promise<SessionPage> {
  const page: SessionRecord[] = []
  for await (const record of records) {
    const last = page.at(-1)
    if (last !== undefined && page.length === limit) return { records: page, next: encodeCursor(last) }
    page.push(record)
  }
  return { records: page, next: null }
}

/**
 * Reads a page request of a list with `owner: 'any'`, whose `next` is the handle of the last record that was considered (SS-32);
 * `after` is `null` on the first page.
 *
 * @throws BffError `invalid_argument` on a malformed cursor, or a limit that is not an integer from 1 to 1000
 */
export function readHandlePage({ limit, cursor }: Page = {}): { limit: number; after: SessionHandle | null } {
  if (cursor !== undefined && !/^[\w-]{1,64}$/.test(cursor)) throw malformed()
  return { limit: readLimit(limit), after: (cursor as SessionHandle | undefined) ?? null }
}

const malformed = () =>
  new BffError('invalid_argument', 'The cursor is malformed. Give the `next` of an earlier page.')

function readLimit(limit = 100): number {
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000) {
    throw new BffError('invalid_argument', "A page's limit must be an integer from 1 to 1000.")
  }
  return limit
}
