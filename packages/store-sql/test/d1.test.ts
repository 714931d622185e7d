import { afterAll, describe, test } from 'vitest'
import startD1 from './d1.ts'
import { RUNS_ALL } from './drivers.ts'

/** Each takes seconds in workerd, and is about SQLite more than about D1. */
const LONG = ['SS-08', 'SS-09', 'SS-14', 'SS-15', 'SS-29', 'TS-10']

const { laws, miniflare } = await startD1()
afterAll(() => miniflare.dispose())

describe('D1', () => {
  for (const { name, run } of laws) if (RUNS_ALL || !LONG.includes(name.slice(0, 5))) test(name, run, 60_000)
})
