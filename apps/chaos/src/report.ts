import type { Violation } from './history/check.ts'
import type { Operation, SessionHistory } from './history/history.ts'
import type { Result } from './run.ts'
import { STALL } from './world/world.ts'

const SHOWN_OPERATIONS = 12
const SHOWN_PER_INVARIANT = 2

const HEAD = [
  'experiment',
  'store',
  'outcome',
  'requests',
  'let in after end',
  'lost',
  'longest to heal',
  'faults met',
]

/** The results as a table in Markdown. */
export function tableOf(results: readonly Result[]): string {
  const rows = results.map((result) => [
    result.experiment,
    result.store,
    result.outcome,
    String(result.requests),
    String(result.letInAfterEnd),
    String(result.lost),
    healingOf(result),
    Object.entries(result.reached)
      .map(([name, count]) => `${name} ${count}`)
      .join(', '),
  ])
  const widths = HEAD.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  return [line(HEAD), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n')
}

function healingOf({ healMs }: Result): string {
  const [name, ms] = [...healMs]
    .filter(([fault]) => fault !== STALL)
    .reduce((worst, next) => (next[1] > worst[1] ? next : worst), ['', 0])
  return ms === 0 ? 'at once' : `${(ms / 1000).toFixed(1)} s (${name})`
}

/** What went wrong, by invariant, with the history of a session that shows it. */
export function violationsOf({ violations, experiment, store }: Result): string {
  const byInvariant = new Map<string, Violation[]>()
  for (const violation of violations)
    byInvariant.set(violation.invariant, [...(byInvariant.get(violation.invariant) ?? []), violation])
  const lines = [...byInvariant].flatMap(([invariant, found]) => [
    `${experiment} on ${store}: ${invariant}, ${found.length} times`,
    ...found.slice(0, SHOWN_PER_INVARIANT).flatMap(detailsOf),
  ])
  return lines.join('\n')
}

function detailsOf({ sentence, session, operation }: Violation): string[] {
  if (session === null || operation === null) return [`  ${sentence}`]
  return [`  ${session.id} of ${session.user}: ${sentence}`, ...historyOf(session, operation)]
}

/** The session's operations around one of them, and what ended it. */
function historyOf({ operations, endings }: SessionHistory, around: Operation): string[] {
  const events = [
    ...operations.map((operation) => ({
      at: operation.begin,
      text: lineOf(operation, operation === around),
    })),
    ...endings.map(({ by, begin, acknowledged }) => ({
      at: begin,
      text: `    ${seconds(begin)} ${by} begins, ${acknowledged === null ? 'never acknowledged' : `acknowledged at ${seconds(acknowledged)}`}`,
    })),
  ].sort((a, b) => a.at - b.at)
  const index = events.findIndex(({ at }) => at >= around.begin)
  const from = Math.max(0, index - SHOWN_OPERATIONS)
  return events.slice(from, index + SHOWN_OPERATIONS / 3).map(({ text }) => text)
}

function lineOf(operation: Operation, isIt: boolean): string {
  const { kind, process, cookie, begin, end, status, code, outcome, setsCookie } = operation
  const answer = status === 0 ? 'no answer' : `${status}${code === null ? '' : ` ${code}`}`
  const change = setsCookie === 'no' ? '' : `, ${setsCookie === 'new' ? 'new cookie' : 'deletes the cookie'}`
  return `  ${isIt ? '!' : ' '} ${seconds(begin)} to ${seconds(end)} ${kind} at process ${process} with ${cookie}: ${answer} (${outcome}${change})`
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(3)} s`
