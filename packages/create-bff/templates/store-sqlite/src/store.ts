import type { Stores } from '@bff/core'
import { withCleanup } from '@bff/core/store'
import { sqliteStore } from '@bff/store-drizzle/sqlite'
import { type Environment, setting } from './environment.ts'

/**
 * Keeps sessions in a SQLite file, for processes on one machine, and deletes those that have ended. `npm run migrate` makes its
 * tables.
 */
export const makeStore = (env: Environment): Stores =>
  withCleanup(sqliteStore({ path: setting(env, 'SQLITE_FILE') }))
