import type { Classify } from '../store/errors.ts'

/** By SQLite's extended result codes. */
export const classifySqlite: Classify = ({ code }) => {
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) return 'retry'
  if (code === 'SQLITE_CONSTRAINT_PRIMARYKEY' || code === 'SQLITE_CONSTRAINT_UNIQUE') return 'duplicate'
  if (/^SQLITE_(CONSTRAINT|TOOBIG|MISMATCH)/.test(code)) return 'refused'
  // SQLite's code for a missing table, and for other missing parts of a statement.
  return code === 'SQLITE_ERROR' ? 'schema' : 'fault'
}

/** The numbers of SQLite's result codes that mean something to the store. */
const NAMES: Readonly<Record<number, string>> = {
  1: 'SQLITE_ERROR',
  5: 'SQLITE_BUSY',
  6: 'SQLITE_LOCKED',
  8: 'SQLITE_READONLY',
  10: 'SQLITE_IOERR',
  11: 'SQLITE_CORRUPT',
  13: 'SQLITE_FULL',
  14: 'SQLITE_CANTOPEN',
  18: 'SQLITE_TOOBIG',
  19: 'SQLITE_CONSTRAINT',
  20: 'SQLITE_MISMATCH',
  26: 'SQLITE_NOTADB',
  1555: 'SQLITE_CONSTRAINT_PRIMARYKEY',
  2067: 'SQLITE_CONSTRAINT_UNIQUE',
}

/** Names the error of a driver that has the number of the result code only. */
export function namedError<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    const number = error instanceof Error && 'errcode' in error ? Number(error.errcode) : Number.NaN
    const code = NAMES[number] ?? NAMES[number & 0xff]
    throw code === undefined ? error : Object.assign(new Error(code), { code })
  }
}
