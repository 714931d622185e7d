import { beforeAll, expect, it } from 'vitest'
import { buildServer } from '../src/build.ts'
import { compare, type Programs } from '../src/comparisons.ts'
import { countedCalls } from '../src/counted-calls.ts'
import type { Result } from '../src/results.ts'
import { SCENARIOS, type Scenario } from '../src/scenarios.ts'
import { settingsOf } from '../src/settings.ts'
import { startSurroundings } from '../src/surroundings.ts'

const settings = settingsOf(['--rounds', '2', '--requests', '64', '--connections', '4'])

const onFastify = (store: 'Redis' | 'SQLite'): Scenario => {
  const scenario = SCENARIOS.find(({ name }) => name === `authenticated request, Fastify with ${store}`)
  if (scenario === undefined) throw new Error('The scenario has another name.')
  return { ...scenario, servers: [scenario.base, `bff fastify, ${store}`] }
}

let programs: Programs

beforeAll(async () => {
  programs = { ours: await buildServer('server-of-the-test'), beside: null }
})

it('measures our server beside the hand-written one, and finds one store read and no write for each request', async () => {
  const [report] = await compare([onFastify('SQLite')], programs, { ...settings, warmUp: 16 })
  if (report === undefined) throw new Error('Nothing was measured.')
  expect(report.problems).toEqual([])
  const { measurements } = report.data as Result
  expect(measurements.map(({ server, calls }) => ({ server, calls }))).toEqual([
    { server: 'fastify by hand, SQLite', calls: { reads: 1, writes: 0, provider: null } },
    { server: 'bff fastify, SQLite', calls: { reads: 1, writes: 0, provider: null } },
  ])
  for (const { requestsPerSecond, cpuPerRequest, p99 } of measurements)
    for (const { min } of [requestsPerSecond, cpuPerRequest, p99]) expect(min).toBeGreaterThan(0)
}, 120_000)

it('counts one read on the wire to Redis, and the write that another package makes in each request', async () => {
  const scenario = onFastify('Redis')
  const { addresses, stop } = await startSurroundings(programs.ours, ['redis'])
  try {
    const callsOf = (name: string) => countedCalls(programs.ours, name, scenario, addresses)
    expect(await callsOf('bff fastify, Redis')).toEqual({ reads: 1, writes: 0, provider: null })
    expect(await callsOf('@fastify/session, Redis')).toEqual({ reads: 1, writes: 1, provider: null })
  } finally {
    await stop()
  }
}, 120_000)
