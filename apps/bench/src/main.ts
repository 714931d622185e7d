import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { buildNextApp, buildServer } from './build.ts'
import { compare, type Programs } from './comparisons.ts'
import type { Report } from './results.ts'
import { SCENARIOS, type Scenario } from './scenarios.ts'
import { SECTIONS, type Section } from './sections.ts'
import { isNamed, type Settings, settingsOf } from './settings.ts'

const settings = readSettings()
const wanted = SCENARIOS.filter(({ name }) => isNamed(name, settings.only))
// What takes long and is no rough figure: `--quick` measures it only when it is named.
const isLeftOut = ({ isLong }: Section) => isLong && settings.isQuick && settings.only === ''
const sections = SECTIONS.filter((section) => isNamed(section.name, settings.only) && !isLeftOut(section))
if (wanted.length === 0 && sections.length === 0)
  refuse(
    `Nothing has ${settings.only} in its name. There is:\n${[...SCENARIOS, ...SECTIONS].map(({ name }) => `  ${name}`).join('\n')}`,
  )

const run = describeRun()
console.log(
  `Commit ${run.commit}, Node ${run.node}, ${run.machine}, ${run.rounds} rounds of ${run.requests} requests a server, ` +
    `${run.connections} connections\n${JSON.stringify(run.versions)}\n`,
)
const programs: Programs = {
  ours: await buildServer('server'),
  beside: settings.beside === '' ? null : await buildServer('server-beside', settings.beside),
}
if (wanted.some(({ servers }) => servers.includes('bff next, memory'))) buildNextApp()

const reports: Report[] = []
for (const scenarios of groupsOf(wanted)) add(await compare(scenarios, programs, settings))
for (const section of sections) add(await section.run(programs, settings))

mkdirSync(settings.out, { recursive: true })
const results = reports.map(({ name, data, problems }) => ({ name, ...data, problems }))
writeFileSync(join(settings.out, 'bench-results.json'), `${JSON.stringify({ ...run, results }, null, 2)}\n`)
for (const { name, plot } of reports)
  if (plot !== '') writeFileSync(join(settings.out, `${name.replace(/\W+/g, '-')}.svg`), plot)
console.log(`Wrote bench-results.json and the plots to ${settings.out}.`)

const problems = reports.flatMap((report) => report.problems)
for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exitCode = 1

function add(found: readonly Report[]): void {
  for (const { table } of found) console.log(table)
  reports.push(...found)
}

function readSettings(): Settings {
  try {
    return settingsOf(process.argv.slice(2))
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error))
  }
}

function refuse(problem: string): never {
  console.error(problem)
  process.exit(2)
}

/** Scenarios share their servers when they need the same; what needs nothing runs alone, because servers that wait hold memory. */
function groupsOf(scenarios: readonly Scenario[]): Scenario[][] {
  const groups = new Map<string, Scenario[]>()
  for (const scenario of scenarios) {
    const key = scenario.needs.join() || scenario.name
    groups.set(key, [...(groups.get(key) ?? []), scenario])
  }
  return [...groups.values()]
}

function describeRun() {
  const { dependencies, devDependencies } = manifestAt('..')
  const versions = Object.keys({ ...dependencies, ...devDependencies })
    .filter((name) => !/^(?:@bff|@types)\//.test(name))
    .map((name) => [name, manifestAt(`../node_modules/${name}`).version])
  const commit = execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' }).trim()
  return {
    commit,
    node: process.version,
    machine: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}`,
    rounds: settings.rounds,
    requests: settings.requests,
    connections: settings.connections,
    versions: Object.fromEntries(versions),
  }
}

function manifestAt(folder: string) {
  return JSON.parse(readFileSync(new URL(`${folder}/package.json`, import.meta.url), 'utf8'))
}
