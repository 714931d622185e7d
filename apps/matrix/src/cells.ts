import { once } from 'node:events'
import { join } from 'node:path'
import type { Interface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { bundle } from './bundle.ts'
import { FRAMEWORKS, type Framework } from './frameworks.ts'
import { httpOutcomes, type Outcome } from './http-laws.ts'
import { type Running, start } from './program.ts'
import { ROOT, type Runtime, type RuntimeName } from './runtimes.ts'
import type { Settings } from './settings.ts'
import { STORES, type Store } from './stores.ts'
import { workerdConfig } from './workerd.ts'

/** One row on one runtime. */
export interface Cell {
  readonly row: string
  readonly kind: 'http' | 'store'
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

function storeCell({ name, file: laws, group, on, server, external = [] }: Store, runtime: Runtime): Cell[] {
  if (!on.includes(runtime.name)) return []
  const isWorkerd = runtime.name === 'workerd'
  // Some packages leave out the slowest laws without it.
  const env = { MATRIX_GROUPS: JSON.stringify([group]), BFF_DRIVERS: 'all' }
  const prove = async () => {
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
  return [{ row: name, kind: 'store', runtime, prove }]
}

const hostOf = (name: RuntimeName) => (name === 'workerd' ? 'workerd' : 'node')

const outcomesOf = (lines: readonly string[]): Outcome[] =>
  lines.filter((line) => line.startsWith('law ')).map((line) => JSON.parse(line.slice('law '.length)))

type Env = Readonly<Record<string, string>>

/** Starts the server of a row, if it has one, while `work` uses it. */
async function withServer<T>(module: string | undefined, work: (place: Env) => Promise<T>): Promise<T> {
  if (module === undefined) return work({})
  const { endpoint, stop } = await (await import(pathToFileURL(join(ROOT, module)).href)).default()
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
