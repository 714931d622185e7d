import * as sqlite from '@bff/test-support/sql/sqlite'
import { migrations } from './migrations.ts'

/** A file with the tables in it, and what removes it. */
export const sqliteFile = (journal?: 'wal' | 'delete') => sqlite.sqliteFile(migrations('sqlite'), journal)
