import type { Stores } from '@bff/core'
import { withCleanup } from '@bff/core/store'
import { postgresStore } from '@bff/store-drizzle/postgres'
import { type Environment, setting } from './environment.ts'

/** Keeps sessions in Postgres, and deletes those that have ended. `npm run migrate` makes the tables. */
export const makeStore = (env: Environment): Stores =>
  withCleanup(postgresStore({ url: setting(env, 'DATABASE_URL') }))
