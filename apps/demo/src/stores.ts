import type { Stores } from '@bff/core'
import { memoryStore } from '@bff/store-memory'
import { StartError } from './start-error.ts'

/** Where sessions can live, by the name `DEMO_STORE` gives. */
const STORES: Readonly<Record<string, () => Stores>> = {
  memory: () => memoryStore(),
}

/** @throws StartError when there is no store of this name */
export function openStore(name: string): Stores {
  const open = Object.hasOwn(STORES, name) ? STORES[name] : undefined
  if (open !== undefined) return open()
  throw new StartError(`DEMO_STORE must be one of: ${Object.keys(STORES).join(', ')}.`)
}
