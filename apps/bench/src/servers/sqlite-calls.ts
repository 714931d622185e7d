import BetterSqlite3 from 'better-sqlite3'
import type { StoreCalls } from '../protocol.ts'
import { kindOfStatement } from '../wire/postgres-statements.ts'

const METHODS = ['get', 'all', 'run', 'iterate'] as const

let calls: Record<'reads' | 'writes' | 'other', number> | null = null

/**
 * Counts the executed statements of all databases of this process, from the first call on. SQLite has no wire to put a proxy in, so
 * this watches the methods of the driver's statements; a measured server never asks for it.
 */
export function sqliteCalls(): StoreCalls {
  if (calls === null) watch()
  const { reads, writes } = calls ?? { reads: 0, writes: 0 }
  calls = { reads: 0, writes: 0, other: 0 }
  return { reads, writes }
}

function watch(): void {
  const database = new BetterSqlite3(':memory:')
  const prototype = Object.getPrototypeOf(database.prepare('select 1'))
  database.close()
  for (const method of METHODS) {
    const call = prototype[method]
    prototype[method] = function (this: BetterSqlite3.Statement, ...parameters: unknown[]) {
      const kind = kindOfStatement(this.source)
      if (calls !== null) calls[kind] += 1
      return call.apply(this, parameters)
    }
  }
}
