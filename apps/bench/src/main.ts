import { cpus } from 'node:os'
import { buildNextApp, buildServer } from './build.ts'
import { type MeasuredServer, startServer } from './measured-server.ts'
import { FRAMEWORKS, type ServerName } from './protocol.ts'
import { type Settings, settingsOf } from './settings.ts'
import { compare, type Sample, type Spread, spreadOf } from './summary.ts'

interface Comparison {
  readonly title: string
  readonly base: ServerName
  readonly ours: ServerName
  readonly path: string
  /** Whether both sides call an API behind them. */
  readonly needsApi: boolean
}

const COMPARISONS: readonly Comparison[] = [
  ...FRAMEWORKS.map(
    (framework): Comparison => ({
      title: `authenticated request: ${framework} with the BFF and the memory store beside bare ${framework}`,
      base: `bare ${framework}`,
      ours: framework,
      path: '/orders',
      needsApi: false,
    }),
  ),
  {
    title: 'proxied call: @bff/fastify with session and token beside a plain undici forward',
    base: 'forward',
    ours: 'proxy',
    path: '/api/orders',
    needsApi: true,
  },
]

async function measure(program: string, comparison: Comparison, settings: Settings): Promise<void> {
  if (comparison.ours === 'next') buildNextApp()
  const running: MeasuredServer[] = []
  const start = async (name: ServerName, target: string, profile = '') => {
    const server = await startServer(program, name, target, settings, profile)
    running.push(server)
    return server
  }
  try {
    const target = comparison.needsApi ? (await start('api', '')).origin : ''
    const base = await start(comparison.base, target)
    const ours = await start(comparison.ours, target, settings.profile)
    const cookie = ours.cookie
    const samples: { base: Sample[]; ours: Sample[] } = { base: [], ours: [] }
    const one = (server: MeasuredServer) => server.measure(comparison.path, cookie, settings.seconds)
    await one(base)
    await one(ours)
    for (let round = 0; round < settings.rounds; round++) {
      // Whoever goes first alternates, so that a drift of the machine favours neither.
      const first = round % 2 === 0 ? 'base' : 'ours'
      const second = first === 'base' ? 'ours' : 'base'
      for (const side of [first, second] as const)
        samples[side].push(await one(side === 'base' ? base : ours))
      process.stderr.write(`\r${round + 1} of ${settings.rounds} rounds`)
    }
    process.stderr.write('\r\x1b[K')
    report(comparison, samples.base, samples.ours)
  } finally {
    await Promise.all(running.map((server) => server.stop()))
  }
}

function report(
  { title, base, ours }: Comparison,
  beside: readonly Sample[],
  measured: readonly Sample[],
): void {
  const { throughput, cpu, user } = compare(beside, measured)
  console.log(`\n${title}`)
  for (const [name, samples] of [
    [base, beside],
    [ours, measured],
  ] as const) {
    const median = (of: (sample: Sample) => number) => spreadOf(samples.map(of)).median
    const rate = median(({ requestsPerSecond }) => requestsPerSecond).toFixed(0)
    const cost = median(({ cpuPerRequest }) => cpuPerRequest).toFixed(1)
    const own = median(({ userPerRequest }) => userPerRequest).toFixed(1)
    const load = median((sample) => sample.load * 100).toFixed(0)
    console.log(
      `  ${name.padEnd(12)} ${rate.padStart(7)} requests/s   CPU a request ${cost.padStart(5)} µs, ` +
        `${own.padStart(5)} µs of it outside the kernel   ${load} % of a core`,
    )
  }
  console.log(`  ratio of requests/s         ${inWords(throughput)}`)
  console.log(`  ratio of CPU a request      ${inWords(cpu)}`)
  console.log(`  outside the kernel          ${inWords(user)}`)
}

const inWords = ({ median, min, max }: Spread) =>
  `${median.toFixed(3)}  (${min.toFixed(3)} to ${max.toFixed(3)} by round; 1 is as fast as bare)`

const settings = settingsOf(process.env)
const program = await buildServer()
console.log(
  `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}, ${settings.rounds} rounds of ` +
    `${settings.seconds} s a side, ${settings.connections} connections × ${settings.pipelining} in flight`,
)
for (const comparison of COMPARISONS)
  if (comparison.title.includes(settings.only)) await measure(program, comparison, settings)
