import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Cell, cellsOn } from './cells.ts'
import { FRAMEWORKS } from './frameworks.ts'
import { record, recorded } from './record.ts'
import { pageOf, type Result, unexplained } from './report.ts'
import { provide, provideDrivers, ROOT } from './runtimes.ts'
import { type Settings, settingsOf, UsageError } from './settings.ts'

const PAGE = 'docs/operate/runtimes.md'
const BEGIN = '<!-- matrix -->'
const END = '<!-- /matrix -->'

async function runAll(settings: Settings): Promise<Result[]> {
  const { runtimes, row, kinds, fast } = settings
  for (const runtime of runtimes) await provide(runtime, console.log)
  const cells = runtimes
    .flatMap((runtime) => cellsOn(runtime, settings))
    .filter((cell) => kinds.includes(cell.kind) && cell.row.includes(row))
  if (cells.some(({ kind }) => kind === 'store')) await provideDrivers(console.log)
  await buildApps(cells)
  const results: Result[] = []
  let next = 0
  const worker = async () => {
    for (let cell = cells[next++]; cell !== undefined; cell = cells[next++]) {
      const result = await prove(cell)
      results.push(result)
      if (!fast && unexplained(result).length === 0) keep(result)
    }
  }
  console.log(`${cells.length} combinations`)
  await Promise.all(Array.from({ length: availableParallelism() }, worker))
  return results
}

/** Makes the production builds that some frameworks serve. */
async function buildApps(cells: readonly Cell[]): Promise<void> {
  for (const { name, build } of FRAMEWORKS) {
    if (build === undefined || !cells.some(({ row }) => row === name)) continue
    console.log(`Building the app of ${name}`)
    await (await import(pathToFileURL(join(ROOT, build)).href)).default()
  }
}

async function prove({ row, runtime, prove }: Cell): Promise<Result> {
  const began = performance.now()
  const outcomes = await prove().catch((error: Error) => [{ law: 'start', fault: error.message }])
  const result = { row, runtime: runtime.name, outcomes }
  const broken = outcomes.filter(({ fault }) => fault !== null).length
  const surprises = unexplained(result)
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  const verdict = surprises.length > 0 ? 'BROKEN' : broken > 0 ? 'holds, with known holes' : 'holds'
  console.log(
    `${runtime.name.padEnd(8)} ${row}: ${outcomes.length - broken} of ${outcomes.length}, ${verdict} (${seconds} s)`,
  )
  for (const { law, fault } of surprises) console.log(`  ${law}: ${shortened(fault)}`)
  return result
}

const shortened = (fault: string | null) => fault?.replaceAll(/\s+/g, ' ').slice(0, 600)

/** Puts a result into the record and the page at once, so that a run that is cut short loses only what it had not proved. */
function keep(result: Result): void {
  record(result)
  const file = join(ROOT, PAGE)
  const [before = '', rest = ''] = readFileSync(file, 'utf8').split(BEGIN)
  const after = rest.split(END)[1] ?? ''
  writeFileSync(file, `${before}${BEGIN}\n\n${pageOf(recorded())}\n\n${END}${after}`)
}

// A law that fails may leave a call behind that fails after it; the other laws go on.
process.on('unhandledRejection', (error) => console.error('Left behind by a law:', error))

try {
  const settings = settingsOf(process.argv.slice(2))
  const results = await runAll(settings)
  const broken = results.flatMap(unexplained)
  const laws = results.flatMap(({ outcomes }) => outcomes)
  console.log(
    `${results.length} combinations, ${laws.length} laws, ${broken.length} broken without a known reason`,
  )
  process.exitCode = broken.length === 0 && results.length > 0 ? 0 : 1
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  console.error(error.message)
  process.exitCode = 2
}
