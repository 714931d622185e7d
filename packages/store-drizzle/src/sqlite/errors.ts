import type { Classify } from '../shared/errors.ts'

/** By SQLite's extended result codes. */
export const classifySqlite: Classify = ({ code }) => {
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) return 'retry'
  if (code === 'SQLITE_CONSTRAINT_PRIMARYKEY' || code === 'SQLITE_CONSTRAINT_UNIQUE') return 'duplicate'
  if (/^SQLITE_(CONSTRAINT|TOOBIG|MISMATCH)/.test(code)) return 'refused'
  // SQLite's code for a missing table, and for other missing parts of a statement.
  return code === 'SQLITE_ERROR' ? 'schema' : 'fault'
}
