import { once } from 'node:events'
import { join } from 'node:path'
import type { Interface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { bundle } from './bundle.ts'
import { FRAMEWORKS, type Framework } from './frameworks.ts'
import { httpOutcomes } from './http-laws.ts'
import { type NamedLaw, type Outcome, outcomesOfLaws } from './outcome.ts'
import { type Running, start } from './program.ts'
import { programOf, ROOT, type Runtime, type RuntimeName } from './runtimes.ts'
import type { Kind, Settings } from './settings.ts'
import { type BindingStore, type DriverStore, STORES, type Store } from './stores.ts'
import { workerdConfig } from './workerd.ts'

/** One row on one runtime. */
export interface Cell {
  readonly row: string
  readonly kind: Kind
  readonly runtime: Runtime
  prove(): Promise<readonly Outcome[]>
}

export const cellsOn = (runtime: Runtime, { fast, patienceMs }: Settings): Cell[] => [
  ...FRAMEWORKS.filter((row) => !fast || row.fast).flatMap((row) => httpCell(row, runtime, patienceMs)),
  ...STORES.filter((row) => !fast || row.fast).flatMap((row) => storeCell(row, runtime)),
]

function httpCell(framework: Framework, runtime: Runtime, patienceMs: number): Cell[] {
  const { name, external = [] } = framework
  const served = framework.served.find(({ on }) => on.includes(runtime.name))
  if (served === undefined) return []
  const { program, file: laws, as } = served
  const prove = async () => {
    const file = await bundle({ name: program, laws, external, for: hostOf(runtime.name) })
    return withProgram(runtime, file, {}, async (running) => {
      const { control, webSockets } = await appOf(running, runtime.name, as)
      return httpOutcomes(control, webSockets, patienceMs)
    })
  }
  return [{ row: name, kind: 'http', runtime, prove }]
}

async function appOf(running: Running, runtime: RuntimeName, as: string) {
  if (runtime === 'workerd')
    return { control: `http://127.0.0.1:${await running.port}/laws`, webSockets: false }
  const apps = JSON.parse(await lineOf(running.lines, 'serving '))
  const found = apps.find(({ name }: { name: string }) => name === as)
  if (found === undefined) throw new Error(`The program serves no ${as}.`)
  return found as { control: string; webSockets: boolean }
}

function storeCell(store: Store, runtime: Runtime): Cell[] {
  const { name, on } = store
  if (!on.includes(runtime.name)) return []
  const prove = () => ('miniflare' in store ? outcomesIn(store, runtime) : outcomesOfProgram(store, runtime))
  return [{ row: name, kind: 'store', runtime, prove }]
}

async function outcomesOfProgram(store: DriverStore, runtime: Runtime): Promise<Outcome[]> {
  const { file: laws, group, server, external = [] } = store
  const isWorkerd = runtime.name === 'workerd'
  // Some packages leave out the slowest laws without it.
  const env = { MATRIX_GROUPS: JSON.stringify([group]), BFF_DRIVERS: 'all' }
  const program = isWorkerd ? 'store-workerd' : 'store'
  const file = await bundle({ name: program, laws, external, for: hostOf(runtime.name) })
  return withServer(server, (place) =>
    withProgram(runtime, file, { ...env, ...place }, async ({ lines, port }) => {
      if (!isWorkerd) return outcomesOf(await linesUntil(lines, 'end'))
      const response = await fetch(`http://127.0.0.1:${await port}`)
      const text = await response.text()
      if (!response.ok) throw new Error(text)
      return outcomesOf(text.split('\n'))
    }),
  )
}

interface LawsInMiniflare {
  readonly laws: readonly NamedLaw[]
  readonly miniflare: { dispose(): Promise<void> }
}

/** Miniflare starts the workerd of the matrix in place of its own. */
async function outcomesIn({ miniflare: module }: BindingStore, runtime: Runtime): Promise<Outcome[]> {
  process.env['MINIFLARE_WORKERD_PATH'] = programOf(runtime)
  const { laws, miniflare }: LawsInMiniflare = await (await import(urlOf(module))).default()
  try {
    return await outcomesOfLaws(laws)
  } finally {
    await miniflare.dispose()
  }
}

const urlOf = (module: string) => pathToFileURL(join(ROOT, module)).href

const hostOf = (name: RuntimeName) => (name === 'workerd' ? 'workerd' : 'node')

const outcomesOf = (lines: readonly string[]): Outcome[] =>
  lines.filter((line) => line.startsWith('law ')).map((line) => JSON.parse(line.slice('law '.length)))

type Env = Readonly<Record<string, string>>

/** Starts the server of a row, if it has one, while `work` uses it. */
async function withServer<T>(module: string | undefined, work: (place: Env) => Promise<T>): Promise<T> {
  if (module === undefined) return work({})
  const { endpoint, stop } = await (await import(urlOf(module))).default()
  try {
    return await work({ MATRIX_SERVER: endpoint })
  } finally {
    await stop()
  }
}

/** Runs a program while `work` uses it; what it said joins the message when it ends too early. */
async function withProgram<T>(
  runtime: Runtime,
  file: string,
  env: Env,
  work: (running: Running) => Promise<T>,
): Promise<T> {
  const isWorkerd = runtime.name === 'workerd'
  const running = start(runtime, isWorkerd ? workerdConfig(file, env) : file, env)
  const ended = once(running.child, 'exit').then(([code]) => {
    throw new Error(`The program ended with ${code}.\n${running.said()}`)
  })
  try {
    return await Promise.race([work(running), ended])
  } finally {
    ended.catch(() => {})
    await running.stop()
  }
}

const lineOf = (lines: Interface, word: string) =>
  new Promise<string>((resolve) =>
    lines.on('line', (line) => line.startsWith(word) && resolve(line.slice(word.length))),
  )

const linesUntil = (lines: Interface, end: string) =>
  new Promise<string[]>((resolve) => {
    const read: string[] = []
    lines.on('line', (line) => (line === end ? resolve(read) : read.push(line)))
  })
