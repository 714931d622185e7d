import type { Stores } from '@bff/core'
import { sqliteStore } from '@bff/store-drizzle/sqlite'
import { type Environment, setting } from './environment.ts'

/** Keeps sessions in a SQLite file, for processes on one machine. `npm run migrate` makes its tables. */
export const makeStore = (env: Environment): Stores => sqliteStore({ path: setting(env, 'SQLITE_FILE') })
