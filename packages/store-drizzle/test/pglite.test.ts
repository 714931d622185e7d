import { storeLaws } from '@bff/store-testkit'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { startPglite } from './postgres.ts'

let pglite: Awaited<ReturnType<typeof startPglite>>

beforeAll(async () => {
  pglite = await startPglite()
})

afterAll(() => pglite.stop())

describe('Postgres within the process, by PGlite', () => {
  const harness = { open: () => pglite.open() }
  storeLaws({ test, harness })
})
