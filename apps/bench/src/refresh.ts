import { BESIDE, type Programs } from './comparisons.ts'
import { type Proxies, startProxies } from './counted-calls.ts'
import { quantileOf } from './load/load.ts'
import { sendRequests } from './load/requests.ts'
import { signIn } from './load/sign-ins.ts'
import { markdownTable } from './markdown.ts'
import { type MeasuredServer, startServer } from './measured-server.ts'
import { progress } from './progress.ts'
import type { Need } from './protocol.ts'
import { millisecondChart, type Report } from './results.ts'
import type { Settings } from './settings.ts'
import { type Spread, spreadOf } from './summary.ts'
import { startSurroundings } from './surroundings.ts'

const PROCESSES = 4
export const REQUESTS = 1_000
/** Longer than an access token of the provider lives, so that all clocks find the token expired. */
const STEP_MS = 3_700_000

const STORES = [
  { server: 'bff fastify, Redis', need: 'redis' },
  { server: 'bff fastify, Postgres', need: 'postgres' },
] as const

interface Wait {
  readonly server: string
  /** Requests to the token endpoint, in all rounds. */
  readonly providerCalls: readonly number[]
  readonly storeReads: Spread
  readonly storeWrites: Spread
  /** Milliseconds. */
  readonly p50: Spread
  readonly p99: Spread
}

/** Sends requests that need the access token to all processes at once, when it has just expired. */
export async function refreshAcrossProcesses(programs: Programs, { rounds }: Settings): Promise<Report[]> {
  const waits: Wait[] = []
  for (const { server, need } of STORES) waits.push(...(await waitsOf(programs, server, need, rounds)))
  const name = `refresh: ${REQUESTS} requests with an expired token, over ${PROCESSES} processes`
  const rows = waits.map(({ server, providerCalls, p50, p99, storeReads, storeWrites }) => [
    server,
    [...new Set(providerCalls)].sort().join(' or '),
    ...[storeReads, storeWrites].map(({ median }) => median.toFixed(0)),
    ...[p50, p99].map(({ median, min, max }) => `${median.toFixed(0)} (${min.toFixed(0)}–${max.toFixed(0)})`),
  ])
  const columns = ['server', 'provider calls', 'store reads', 'store writes', 'p50 ms', 'p99 ms']
  return [
    {
      name,
      table: markdownTable(name, columns, rows),
      plot: millisecondChart(
        `${name}: p99`,
        waits.map(({ server, p99 }) => [server, p99] as const),
      ),
      data: { waits },
      problems: waits
        .filter(({ providerCalls }) => providerCalls.some((calls) => calls !== 1))
        .map(
          ({ server, providerCalls }) =>
            `${name}, ${server}: ${providerCalls.join()} provider calls, in place of 1.`,
        ),
    },
  ]
}

interface Round {
  readonly provider: number
  readonly reads: number
  readonly writes: number
  readonly p50: number
  readonly p99: number
}

/** The processes of one app, and a session of it. */
interface App {
  readonly name: string
  readonly servers: readonly MeasuredServer[]
  readonly cookie: string
  readonly rounds: Round[]
}

async function waitsOf(programs: Programs, name: string, need: Need, rounds: number): Promise<Wait[]> {
  const surroundings = await startSurroundings(programs.ours, [need, 'provider'])
  const proxies = await startProxies(surroundings.addresses, [need])
  const started: MeasuredServer[] = []
  const start = async (program: string, title: string): Promise<App> => {
    const servers = await Promise.all(
      Array.from({ length: PROCESSES }, () => startServer(program, name, proxies.addresses)),
    )
    started.push(...servers)
    return { name: title, servers, cookie: await signIn(servers[0]?.origin ?? '', '/bff/login'), rounds: [] }
  }
  try {
    const apps = [await start(programs.ours, name)]
    if (programs.beside !== null) apps.push(await start(programs.beside, name + BESIDE))
    for (let round = -1; round < rounds; round++) {
      progress(`refresh, ${name}: ${round < 0 ? 'warm-up' : `round ${round + 1}`}`)
      for (let at = 0; at < apps.length; at++) {
        const app = apps[(at + Math.max(round, 0)) % apps.length]
        const seen = await refreshOnce(app?.servers ?? [], app?.cookie ?? '', proxies)
        if (round >= 0) app?.rounds.push(seen)
      }
    }
    progress('')
    return apps.map(waitOf)
  } finally {
    await Promise.all(started.map((server) => server.stop()))
    await proxies.stop()
    await surroundings.stop()
  }
}

async function refreshOnce(
  servers: readonly MeasuredServer[],
  cookie: string,
  proxies: Proxies,
): Promise<Round> {
  for (const server of servers) await server.ask({ stepClockMs: STEP_MS })
  const before = proxies.totals()
  const latencies = await sendToAll(servers, cookie)
  const after = proxies.totals()
  return {
    provider: after.provider - before.provider,
    reads: after.reads - before.reads,
    writes: after.writes - before.writes,
    p50: quantileOf(latencies, 0.5),
    p99: quantileOf(latencies, 0.99),
  }
}

function waitOf({ name, rounds }: App): Wait {
  return {
    server: name,
    providerCalls: rounds.map(({ provider }) => provider),
    storeReads: spreadOf(rounds.map(({ reads }) => reads)),
    storeWrites: spreadOf(rounds.map(({ writes }) => writes)),
    p50: spreadOf(rounds.map(({ p50 }) => p50)),
    p99: spreadOf(rounds.map(({ p99 }) => p99)),
  }
}

/** Each request has a connection of its own, so all of them wait for the same refresh. */
async function sendToAll(servers: readonly MeasuredServer[], cookie: string): Promise<number[]> {
  const share = REQUESTS / servers.length
  const loads = servers.map(({ origin }) =>
    sendRequests(
      `${origin}/orders-with-token`,
      cookie,
      { method: 'GET', bodyBytes: 0 },
      { requests: share, connections: share },
    ),
  )
  return (await Promise.all(loads)).flatMap(({ latencies }) => [...latencies])
}
