import { pathToFileURL } from 'node:url'
import { buildProgram, inCheckout } from '../build.ts'
import { markdownTable } from '../markdown.ts'
import { barChart, type Report } from '../results.ts'
import type { Settings } from '../settings.ts'
import { type Spread, spreadOf } from '../summary.ts'
import { compositionBundle, packageBundles } from './bundles.ts'
import { COMPOSITIONS, OTHER_INSTALLS } from './compositions.ts'
import { installSize } from './install.ts'
import { firstAnswerMs, importMs } from './start.ts'

const BARE = 'bare Fastify'
const PEERS = ['express-openid-connect', 'better-auth', 'iron-session', 'fastify', 'express']

/** Whether it has packages of this repository. */
const isOurs = (name: string) => name.startsWith('@bff/') || COMPOSITIONS.some((one) => one.name === name)
const kB = (bytes: number) => (bytes / 1000).toFixed(1)
const spread = ({ median, min, max }: Spread) => `${median.toFixed(1)} (${min.toFixed(1)}–${max.toFixed(1)})`
const inBench = (path: string) => inCheckout(`apps/bench/${path}`)

/** Measures what an app loads, installs and waits for before its first response. */
export async function startAndSize(_programs: unknown, { rounds }: Settings): Promise<Report[]> {
  return [await startTimes(rounds), await bundles(), installs()]
}

async function startTimes(rounds: number): Promise<Report> {
  const programs = new Map([[BARE, await buildProgram('bare-fastify', 'src/compositions/bare-fastify.ts')]])
  for (const { name, file } of COMPOSITIONS)
    programs.set(name, await buildProgram(file, `src/compositions/${file}.ts`))
  const core = await buildProgram('core', '../../packages/core/src/index.ts')
  const imported = new Map([
    ['@bff/core', pathToFileURL(core).href],
    ...PEERS.map((name) => [name, name] as const),
  ])
  const imports = new Map<string, number[]>()
  const answers = new Map<string, number[]>()
  // One process at a time, and all in each round: what disturbs a round disturbs all of it.
  for (let round = 0; round < rounds; round++) {
    for (const [name, specifier] of imported) note(imports, name, importMs(specifier))
    for (const [name, program] of programs) note(answers, name, await firstAnswerMs(program))
  }
  const rows = (times: ReadonlyMap<string, number[]>, what: string) =>
    [...times].map(([name, values]) => [`${name}${what}`, spread(spreadOf(values))])
  return {
    name: 'start',
    table: markdownTable(
      'start',
      ['', 'ms'],
      [
        ...rows(imports, ': import in a fresh process'),
        ...rows(answers, ': from the start of the process to the first response'),
      ],
    ),
    plot: barChart(
      'start: import, and first response of an app, in ms',
      [...imports, ...answers].map(([name, values]) => {
        const { median } = spreadOf(values)
        return { name, value: median, label: `${median.toFixed(0)} ms`, isOurs: isOurs(name) }
      }),
    ),
    data: { imports: Object.fromEntries(imports), firstAnswers: Object.fromEntries(answers) },
    problems: [],
  }
}

function note(times: Map<string, number[]>, name: string, ms: number): void {
  times.set(name, [...(times.get(name) ?? []), ms])
}

async function bundles(): Promise<Report> {
  const sizes = await packageBundles()
  for (const { name, file, installs } of COMPOSITIONS) {
    const hosts = installs.filter((host) => !host.startsWith('@bff/'))
    sizes.push(await compositionBundle(name, inBench(`src/compositions/${file}.ts`), hosts))
  }
  const rows = sizes.map(({ name, bytes, gzipBytes }) => [name, kB(bytes), kB(gzipBytes)])
  return {
    name: 'bundle size',
    table: markdownTable(
      'bundle size in kB',
      ['all entries, or a whole app', 'minified', 'and compressed'],
      rows,
    ),
    plot: barChart(
      'bundle size, minified and compressed',
      sizes.map(({ name, gzipBytes }) => ({
        name,
        value: gzipBytes,
        label: `${kB(gzipBytes)} kB`,
        isOurs: isOurs(name),
      })),
    ),
    data: { sizes },
    problems: [],
  }
}

function installs(): Report {
  const sets = [...COMPOSITIONS.map((composition) => composition.installs), ...OTHER_INSTALLS]
  const sizes = sets.map((names) => ({ names, size: installSize(names, inBench('')) }))
  const rows = sizes.map(({ names, size }) => [
    names.join(', '),
    ...(size === null ? ['', 'run `pnpm build` first'] : [size.packages, kB(size.bytes)]),
  ])
  return {
    name: 'install size',
    table: markdownTable('install size in kB', ['', 'packages', 'kB'], rows),
    plot: barChart(
      'install size',
      sizes.flatMap(({ names, size }) =>
        size === null
          ? []
          : [
              {
                name: names.join(', '),
                value: size.bytes,
                label: `${kB(size.bytes)} kB`,
                isOurs: names.some(isOurs),
              },
            ],
      ),
    ),
    data: { sizes },
    problems: [],
  }
}
