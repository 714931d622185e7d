import { FRAMEWORKS } from './frameworks.ts'
import { holeOf, holesOf } from './holes.ts'
import type { Outcome } from './outcome.ts'
import { RUNTIMES, type RuntimeName, versionOf } from './runtimes.ts'
import { STORES } from './stores.ts'

/** What a cell of the page says. */
export interface PageCell {
  readonly row: string
  readonly runtime: RuntimeName
  /** How many laws were tried. */
  readonly laws: number
  /** Those that did not hold. */
  readonly broken: readonly string[]
}

/** What a run of a combination came to. */
export interface Result {
  readonly row: string
  readonly runtime: RuntimeName
  readonly outcomes: readonly Outcome[]
}

/** The laws of a cell that are broken without a known reason. */
export const unexplained = ({ row, runtime, outcomes }: Result): Outcome[] =>
  outcomes.filter(({ law, fault }) => fault !== null && holeOf(row, runtime, law) === undefined)

/** Whether a row runs on a runtime at all. */
const runs = (row: string, runtime: RuntimeName): boolean =>
  FRAMEWORKS.some(({ name, served }) => name === row && served.some(({ on }) => on.includes(runtime))) ||
  STORES.some(({ name, on }) => name === row && on.includes(runtime))

/** The generated part of the page: one table for frameworks, one for stores, and the reason of every hole. */
export function pageOf(cells: readonly PageCell[]): string {
  const notes: string[] = []
  const noteOf = (reason: string) => {
    if (!notes.includes(reason)) notes.push(reason)
    return `[${notes.indexOf(reason) + 1}]`
  }
  const cell = (row: string, runtime: RuntimeName, elsewhere: string | null) => {
    const found = cells.find((each) => each.row === row && each.runtime === runtime)
    if (found === undefined)
      return runs(row, runtime) ? 'not run' : `– ${elsewhere === null ? '' : noteOf(elsewhere)}`
    const { laws, broken } = found
    const reasons = broken.flatMap((law) => holeOf(row, runtime, law) ?? [])
    const marks = holesOf(row, runtime)
      .filter((hole) => hole.atTimes || reasons.includes(hole))
      .map(({ reason }) => noteOf(reason))
    return [broken.length === 0 ? `${laws}` : `${laws - broken.length} of ${laws}`, ...marks].join(' ')
  }
  const table = (title: string, rows: readonly { name: string; elsewhere: string | null }[]) =>
    [
      `| ${[title, ...RUNTIMES.map(({ name }) => name)].join(' | ')} |`,
      `| ${['-', ...RUNTIMES.map(() => '-:')].join(' | ')} |`,
      ...rows.map(
        ({ name, elsewhere }) =>
          `| ${[name, ...RUNTIMES.map((runtime) => cell(name, runtime.name, elsewhere))].join(' | ')} |`,
      ),
    ].join('\n')
  const versions = RUNTIMES.map((runtime) => `${runtime.name.split(' ')[0]} ${versionOf(runtime)}`).join(', ')
  const frameworks = table('HTTP laws', FRAMEWORKS)
  const stores = table('Store laws', STORES)
  const reasons = notes.map((reason, index) => `${index + 1}. ${reason}`).join('\n')
  return [`Versions: ${versions}.`, frameworks, stores, '## The holes', reasons].join('\n\n')
}
