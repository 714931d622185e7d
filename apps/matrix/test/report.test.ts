import { expect, test } from 'vitest'
import { FRAMEWORKS } from '../src/frameworks.ts'
import { HOLES, holeOf } from '../src/holes.ts'
import { pageOf, unexplained } from '../src/report.ts'
import { STORES } from '../src/stores.ts'

// Put together, because they are no citations.
const [KEPT, CUT, LOST] = [1, 11, 30].map((number) => `HA-${String(number).padStart(2, '0')}`) as [
  string,
  string,
  string,
]

const outcomes = (...broken: string[]) =>
  [KEPT, ...broken].map((law) => ({ law, fault: broken.includes(law) ? 'as it was' : null }))

test('A broken law without a known reason is unexplained, and one with a reason is not', () => {
  const broken = { row: '`bff.fetch`', runtime: 'Deno', outcomes: outcomes(CUT, LOST) } as const
  expect(unexplained(broken).map(({ law }) => law)).toEqual([LOST])
  expect(unexplained({ ...broken, runtime: 'Node 26' }).map(({ law }) => law)).toEqual([CUT, LOST])
})

test('The page counts the laws that hold and gives the reason of each hole once', () => {
  const cell = { row: '`@bff/hono`', runtime: 'Bun', laws: 2, broken: [CUT] } as const
  const page = pageOf([cell])
  const note = /1 of 2 \[(\d+)\]/.exec(page)?.[1]
  expect(page).toContain(`${note}. ${holeOf('`@bff/hono`', 'Bun', CUT)?.reason}`)
  expect(page.split('The server makes a URL of every target')).toHaveLength(2)
})

test('The page gives the reason of a law that holds at times where it held', () => {
  const page = pageOf([{ row: '`@bff/hono`', runtime: 'Deno', laws: 2, broken: [] }])
  const note = /\| 2 \[(\d+)\] \|/.exec(page)?.[1]
  expect(page).toMatch(new RegExp(`^${note}\\. .*holds at times`, 'm'))
})

test('Every row is once in the matrix, and every hole is of rows there are', () => {
  const rows = [...FRAMEWORKS, ...STORES].map(({ name }) => name)
  expect(new Set(rows).size).toBe(rows.length)
  for (const { of = [] } of HOLES)
    for (const name of of)
      expect(
        rows.some((row) => row.startsWith(name)),
        name,
      ).toBe(true)
})
