import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PageCell, Result } from './report.ts'
import { ROOT } from './runtimes.ts'

const FILE = join(ROOT, 'apps/matrix/results.json')

/** The latest result of each combination that a run on any machine has committed. */
export const recorded = (): PageCell[] => JSON.parse(readFileSync(FILE, 'utf8'))

/** Puts a result in place of the one before it, so that a run of a few combinations brings the page up to date. */
export function record({ row, runtime, outcomes }: Result): void {
  const broken = outcomes.flatMap(({ law, fault }) => (fault === null ? [] : [law]))
  const others = recorded().filter((cell) => cell.row !== row || cell.runtime !== runtime)
  const all: PageCell[] = [...others, { row, runtime, laws: outcomes.length, broken }]
  const nameOf = ({ row, runtime }: PageCell) => `${row} ${runtime}`
  const lines = all.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)).map((cell) => JSON.stringify(cell))
  writeFileSync(FILE, `[\n${lines.join(',\n')}\n]\n`)
}
