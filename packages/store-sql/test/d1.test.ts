import type { Miniflare } from 'miniflare'
import { afterAll, beforeAll, describe } from 'vitest'
import { RUNS_ALL } from './drivers.ts'
import { migrations } from './migrations.ts'
import { startWorkerd, testLawsIn } from './workerd.ts'

/** Each takes seconds in workerd, and is about SQLite more than about D1. */
const LONG = ['SS-08', 'SS-09', 'SS-14', 'SS-15', 'SS-29', 'TS-10']

let miniflare: Miniflare
beforeAll(async () => {
  // Three bindings of one database.
  const d1Databases = { FIRST: 'sessions', SECOND: 'sessions', BEHIND: 'sessions' }
  miniflare = await startWorkerd({ file: 'd1.worker.ts' }, { d1Databases })
  const database = await miniflare.getD1Database('FIRST')
  for (const statement of migrations('sqlite')) await database.prepare(statement).run()
})
afterAll(() => miniflare.dispose())

describe('D1', () => {
  testLawsIn(
    () => miniflare,
    (name) => RUNS_ALL || !LONG.includes(name.slice(0, 5)),
  )
})
