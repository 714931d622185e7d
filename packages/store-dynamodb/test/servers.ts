import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '@bff/servers'

const HOST = '127.0.0.1'

/** `pnpm test:drivers` runs everything; the tests of each commit what takes seconds. */
export const RUNS_ALL = process.env['BFF_DRIVERS'] === 'all'

/** Some laws make a thousand requests, and a busy machine takes minutes for them. */
export const patient =
  (test: (name: string, run: () => Promise<void>, timeoutMs: number) => unknown) =>
  (name: string, run: () => Promise<void>): unknown =>
    test(name, run, 300_000)

export interface Dynalite {
  readonly host: string
  readonly port: number
  readonly endpoint: string
  /** Kills it with `SIGKILL`. */
  kill(): Promise<void>
  /** Starts it again on the same data and port, unless it runs. */
  start(): Promise<void>
  stop(): Promise<void>
}

/** Starts dynalite, an emulator of DynamoDB, in a process of its own, with its data in memory or in a temporary folder. */
export async function startDynalite({ durable = false } = {}): Promise<Dynalite> {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'bff-dynalite-'))
  const program = fileURLToPath(new URL('dynalite.mjs', import.meta.url))
  const args = [program, String(port), HOST, ...(durable ? [folder] : [])]
  let child: ChildProcess | undefined
  const isRunning = () => child !== undefined && child.exitCode === null && child.signalCode === null
  const kill = async () => {
    if (!isRunning()) return
    child?.kill('SIGKILL')
    await once(child as ChildProcess, 'exit')
  }
  const killAtExit = () => void child?.kill('SIGKILL')
  const start = async () => {
    if (isRunning()) return
    const started = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    child = started
    await Promise.race([
      once(started.stdout, 'data'),
      once(started, 'exit').then(([code]) => {
        throw new Error(`dynalite ended with ${code}.`)
      }),
    ])
  }
  process.once('exit', killAtExit)
  await start()
  const stop = async () => {
    await kill()
    process.removeListener('exit', killAtExit)
    rmSync(folder, { recursive: true, force: true })
  }
  return { host: HOST, port, endpoint: `http://${HOST}:${port}`, kill, start, stop }
}

export default () => startDynalite()
