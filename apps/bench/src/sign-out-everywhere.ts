import type { Programs } from './comparisons.ts'
import { markdownTable } from './markdown.ts'
import { startServer } from './measured-server.ts'
import { progress } from './progress.ts'
import type { Need } from './protocol.ts'
import { millisecondChart, type Report } from './results.ts'
import type { Settings } from './settings.ts'
import { type Spread, spreadOf } from './summary.ts'
import { startSurroundings } from './surroundings.ts'

const SESSIONS = 1_000

const SERVERS: readonly { readonly server: string; readonly needs: readonly Need[] }[] = [
  { server: 'bff fastify, memory', needs: [] },
  { server: 'bff fastify, Redis', needs: ['redis'] },
  { server: 'bff fastify, SQLite', needs: ['sqlite'] },
  { server: 'bff fastify, Postgres', needs: ['postgres'] },
]

/** Ends all sessions of a user who has a thousand, as `revokeAll({ userId })` does. */
export async function signOutEverywhere({ ours }: Programs, { rounds }: Settings): Promise<Report[]> {
  const times: { server: string; ms: Spread }[] = []
  for (const { server, needs } of SERVERS)
    times.push({ server, ms: await timesOf(ours, server, needs, rounds) })
  const name = `sign out everywhere: a user with ${SESSIONS} sessions`
  const rows = times.map(({ server, ms: { median, min, max } }) => [
    server,
    `${median.toFixed(1)} (${min.toFixed(1)}–${max.toFixed(1)})`,
  ])
  return [
    {
      name,
      table: markdownTable(name, ['server', 'ms'], rows),
      plot: millisecondChart(
        name,
        times.map(({ server, ms }) => [server, ms] as const),
      ),
      data: { times },
      problems: [],
    },
  ]
}

async function timesOf(
  program: string,
  name: string,
  needs: readonly Need[],
  rounds: number,
): Promise<Spread> {
  const surroundings = await startSurroundings(program, needs)
  const server = await startServer(program, name, surroundings.addresses)
  try {
    const times: number[] = []
    for (let round = -1; round < rounds; round++) {
      progress(`sign out everywhere, ${name}: ${round < 0 ? 'warm-up' : `round ${round + 1}`}`)
      const { ms } = await server.ask<{ ms: number }>({ signOutEverywhere: SESSIONS })
      if (round >= 0) times.push(ms)
    }
    progress('')
    return spreadOf(times)
  } finally {
    await server.stop()
    await surroundings.stop()
  }
}
