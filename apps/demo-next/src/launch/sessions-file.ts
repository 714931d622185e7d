import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { migrateSqlite, StartError } from '@bff/demo'

/**
 * Where `DEMO_STORE` keeps sessions: the path of a SQLite file with its tables made, or `null` for memory.
 *
 * @throws StartError for any other store: this demo shows Next, `pnpm demo` shows the stores
 */
export function sessionsFileOf(folder: string, store = 'sqlite'): string | null {
  if (store === 'memory') return null
  if (store !== 'sqlite') throw new StartError('DEMO_STORE must be one of: sqlite, memory.')
  mkdirSync(folder, { recursive: true })
  const path = join(folder, 'sessions.db')
  migrateSqlite(path)
  return path
}
