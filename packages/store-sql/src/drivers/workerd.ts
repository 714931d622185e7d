import type { SqlValue } from '../port.ts'

/** A Buffer may be a part of a larger one, and is not one of the types that workerd takes. */
export function ownBytes(value: SqlValue): SqlValue {
  return value instanceof Uint8Array ? new Uint8Array(value) : value
}

/** SQLite's result code, which workerd names only in the message of an error, after what may be data. */
export function sqliteCode(error: unknown): string | undefined {
  return /: (SQLITE_\w+)/.exec(error instanceof Error ? error.message : '')?.[1]
}
