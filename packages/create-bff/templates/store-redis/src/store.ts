import type { Stores } from '@bff/core'
import { redisStore } from '@bff/store-redis'
import { type Environment, setting } from './environment.ts'

/** Keeps sessions in Redis or Valkey. */
export const makeStore = (env: Environment): Stores => redisStore({ url: setting(env, 'REDIS_URL') })
