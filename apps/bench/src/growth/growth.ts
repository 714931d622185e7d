import { fork } from 'node:child_process'
import { once } from 'node:events'
import { buildProgram } from '../build.ts'
import { markdownTable } from '../markdown.ts'
import { progress } from '../progress.ts'
import type { Need } from '../protocol.ts'
import { barChart, type Report } from '../results.ts'
import { isNamed, type Settings } from '../settings.ts'
import { type RunningSurroundings, startSurroundings } from '../surroundings.ts'
import { BACKENDS, type Backend, type GrowthAnswer, type GrowthOrder } from './protocol.ts'

const QUICK_SIZES = [1_000, 10_000]
const SIZES = [1_000, 10_000, 100_000, 1_000_000]
const QUICK_ROUNDS = 11
const ROUNDS = 41

const NEEDS: Record<Backend, readonly Need[]> = {
  memory: [],
  Redis: ['redis'],
  SQLite: ['sqlite'],
  Postgres: ['postgres'],
  MariaDB: ['mysql'],
}

/** Measures each call of each store, with a thousand sessions to a million. */
export async function growth(_programs: unknown, { isQuick, servers, sizes }: Settings): Promise<Report[]> {
  const program = await buildProgram('growth', 'src/growth/program.ts')
  const numbers = sizes.length > 0 ? sizes : isQuick ? QUICK_SIZES : SIZES
  const reports: Report[] = []
  for (const backend of BACKENDS.filter((name) => isNamed(name, servers))) {
    progress(`growth: ${backend}`)
    const answer = await measure(program, backend, numbers, isQuick ? QUICK_ROUNDS : ROUNDS)
    progress('')
    reports.push(reportOf(backend, numbers, answer))
  }
  return reports
}

async function measure(
  program: string,
  backend: Backend,
  sizes: readonly number[],
  rounds: number,
): Promise<GrowthAnswer> {
  const running: RunningSurroundings[] = []
  try {
    for (const _ of sizes) running.push(await startSurroundings('', NEEDS[backend]))
    const stands = running.map(({ addresses }, at) => ({ size: sizes[at] ?? 0, surroundings: addresses }))
    // A million sessions in the memory store need more than V8 allows by itself.
    const child = fork(program, { execArgv: ['--expose-gc', '--max-old-space-size=8192'] })
    child.send({ backend, rounds, stands } satisfies GrowthOrder)
    const gone = once(child, 'exit').then(() => {
      throw new Error(`The measurement of ${backend} ended before its answer.`)
    })
    const answer = once(child, 'message')
    const [found] = (await Promise.race([answer, gone])) as [GrowthAnswer]
    gone.catch(() => {})
    return found
  } finally {
    for (const { stop } of running) await stop()
  }
}

function reportOf(backend: Backend, sizes: readonly number[], answer: GrowthAnswer): Report {
  const name = `growth: ${backend}`
  const growthOf = (values: readonly number[]) => (Math.max(...values) / Math.min(...values)).toFixed(2)
  const rows = answer.calls.map(({ call, medians, lowestDeciles }) => [
    call,
    ...medians.map((ms, at) => `${ms.toFixed(3)} (${lowestDeciles[at]?.toFixed(3)})`),
    `${growthOf(medians)} (${growthOf(lowestDeciles)})`,
  ])
  const { bytesPerSession, contentBytes } = answer
  const bytes = ['bytes per session', ...bytesPerSession.map((count) => count.toFixed(0)), '']
  const timesContent = bytesPerSession.map((count) => (count / contentBytes).toFixed(2))
  const share = [`the same, as a multiple of the ${contentBytes} bytes in it`, ...timesContent, '']
  const columns = [
    'ms, median and lowest decile',
    ...sizes.map((size) => `${size.toLocaleString('en')} sessions`),
    'largest / smallest',
  ]
  return {
    name,
    table: markdownTable(name, columns, [...rows, bytes, share]),
    plot: barChart(
      `${name}: slowest time of each call, as a multiple of its fastest, over all numbers of sessions`,
      answer.calls.map(({ call, lowestDeciles }) => {
        const value = Math.max(...lowestDeciles) / Math.min(...lowestDeciles)
        return { name: call, value, label: value.toFixed(2), isOurs: true }
      }),
    ),
    data: { backend, sizes, ...answer },
    problems: [],
  }
}
