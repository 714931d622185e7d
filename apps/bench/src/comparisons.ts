import { type CallsPerRequest, callProblems, countedCalls } from './counted-calls.ts'
import { type MeasuredServer, startServer } from './measured-server.ts'
import { progress } from './progress.ts'
import type { Surroundings } from './protocol.ts'
import { plotOf, type Report, tableOf } from './results.ts'
import type { Scenario } from './scenarios.ts'
import { isNamed, type Settings } from './settings.ts'
import { measurementOf, type Sample } from './summary.ts'
import { startSurroundings } from './surroundings.ts'

/** A sign-in costs as much as a hundred requests. */
const REQUESTS_A_SIGN_IN = 100
const FEWEST_SIGN_INS = 8

export interface Programs {
  readonly ours: string
  /** The servers with the packages of another checkout. */
  readonly beside: string | null
}

function timesOf(
  { kind, payloadBytes }: Scenario,
  wanted: number,
  { connections, roundBytes }: Settings,
): number {
  if (kind === 'sign-ins') return Math.max(FEWEST_SIGN_INS, Math.round(wanted / REQUESTS_A_SIGN_IN))
  const most = payloadBytes === 0 ? wanted : Math.max(4 * connections, roundBytes / payloadBytes)
  return Math.round(Math.min(wanted, most))
}

/** Marks a server with the packages of the other checkout. */
export const BESIDE = ' (beside)'

/** The servers of a scenario; with `--beside`, those of this repository twice. */
const namesOf = ({ base, servers }: Scenario, settings: Settings) =>
  servers
    .filter((name) => name === base || isNamed(name, settings.servers))
    .flatMap((name) => (settings.beside !== '' && name.startsWith('bff ') ? [name, name + BESIDE] : [name]))

/** Measures scenarios that need the same surroundings, with the same servers. */
export async function compare(
  scenarios: readonly Scenario[],
  programs: Programs,
  settings: Settings,
): Promise<Report[]> {
  const needs = scenarios[0]?.needs ?? []
  const { addresses, stop } = await startSurroundings(programs.ours, needs)
  const running = new Map<string, MeasuredServer>()
  try {
    const reports: Report[] = []
    for (const scenario of scenarios) reports.push(await compareOne(scenario))
    return reports
  } finally {
    await Promise.all([...running.values()].map((server) => server.stop()))
    await stop()
  }

  async function compareOne(scenario: Scenario): Promise<Report> {
    const names = namesOf(scenario, settings)
    const calls = await callsOf(scenario, names, programs, addresses)
    for (const name of names) running.set(name, running.get(name) ?? (await start(name)))
    const samples = await measureInTurns(scenario, names, running, settings)
    const measurements = names.map((name) => ({
      ...measurementOf(name, samples.get(name) ?? [], samples.get(scenario.base) ?? []),
      calls: calls.get(name) ?? null,
    }))
    const result = { scenario, measurements }
    return {
      name: scenario.name,
      table: tableOf(result),
      plot: plotOf(result),
      data: result,
      problems: names.flatMap((name) => callProblems(name, scenario, calls.get(name) ?? null)),
    }
  }

  function start(name: string): Promise<MeasuredServer> {
    const program = name.endsWith(BESIDE) && programs.beside !== null ? programs.beside : programs.ours
    return startServer(program, name.replace(BESIDE, ''), addresses, settings.profile)
  }
}

async function measureInTurns(
  scenario: Scenario,
  names: readonly string[],
  running: ReadonlyMap<string, MeasuredServer>,
  settings: Settings,
): Promise<Map<string, Sample[]>> {
  const { rounds, requests, warmUp, connections } = settings
  const samples = new Map<string, Sample[]>(names.map((name) => [name, []]))
  for (let round = -1; round < rounds; round++) {
    progress(`${scenario.name}: ${round < 0 ? 'warm-up' : `round ${round + 1}`}`)
    const times = timesOf(scenario, round < 0 ? warmUp : requests, settings)
    // The order turns, so that a drift of the machine favours no server.
    for (let at = 0; at < names.length; at++) {
      const name = names[(at + Math.max(round, 0)) % names.length] ?? ''
      const measure = () => running.get(name)?.measure(scenario, times, connections)
      const sample = await measure()?.catch((cause: unknown) => {
        const problem = `${name}: ${cause instanceof Error ? cause.message : cause}`
        if (name.startsWith('bff ')) throw new Error(problem, { cause })
        // A server of others that loses a response does not end the run.
        console.error(`${problem} Measured again.`)
        return measure()
      })
      if (round >= 0 && sample !== undefined) samples.get(name)?.push(sample)
    }
  }
  progress('')
  return samples
}

/** Counts before anything is measured: the proxies share the machine. */
async function callsOf(
  scenario: Scenario,
  names: readonly string[],
  { ours }: Programs,
  addresses: Surroundings,
): Promise<Map<string, CallsPerRequest>> {
  const calls = new Map<string, CallsPerRequest>()
  if (!scenario.needs.some((need) => need !== 'api')) return calls
  for (const name of names) {
    if (name.endsWith(BESIDE) || name.startsWith('bare ')) continue
    progress(`${scenario.name}: counting the calls of ${name}`)
    calls.set(name, await countedCalls(ours, name, scenario, addresses))
  }
  return calls
}
