import type { Stores } from '@bff/core'
import { memoryStore } from '@bff/store-memory'
import type { Environment } from './environment.ts'

/** Keeps sessions in this process: they end with it. Choose another store before you run two processes. */
export const makeStore = (_env: Environment): Stores => memoryStore()
