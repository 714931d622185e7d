import type { Stores } from '@bff/core'
import { postgresStore } from '@bff/store-drizzle/postgres'
import { type Environment, setting } from './environment.ts'

/** Keeps sessions in Postgres. `npm run migrate` makes the tables. */
export const makeStore = (env: Environment): Stores => postgresStore({ url: setting(env, 'DATABASE_URL') })
