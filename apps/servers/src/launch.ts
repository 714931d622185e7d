import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Account } from './account.ts'

/** A server of our own on a free port of the loopback interface. */
export interface Server {
  readonly url: string
  readonly isRunning: boolean
  /** Sends a signal to the server's first process. */
  signal(signal: NodeJS.Signals): void
  /** Kills it as a crash would, and resolves when it is gone. */
  crash(): Promise<void>
  /** Starts it again on the same data and port. */
  start(): Promise<void>
  /** Stops it and removes its folder, unless that was given. */
  stop(): Promise<void>
}

export interface ServerOptions {
  /** Where its data stays from start to start. @default a temporary folder, and nothing is synced to the disk */
  readonly folder?: string
}

export interface Recipe {
  readonly url: string
  readonly folder: string
  /** Whether the folder outlives the server. */
  readonly keep: boolean
  readonly program: string
  readonly args: readonly string[]
  readonly ready: RegExp
  readonly account: Account
  readonly stopSignal: NodeJS.Signals
}

const RESTARTS = 50
const RESTART_MS = 100

export async function launch(recipe: Recipe): Promise<Server> {
  const { url, folder, stopSignal } = recipe
  let child = await startProcess(recipe)
  const isRunning = () => child.exitCode === null && child.signalCode === null
  const gone = async () => {
    if (isRunning()) await once(child, 'exit')
  }
  return {
    url,
    get isRunning() {
      return isRunning()
    },
    signal: (signal) => void child.kill(signal),
    async crash() {
      child.kill('SIGKILL')
      await gone()
    },
    async start() {
      child = await restartProcess(recipe)
    },
    async stop() {
      // Deno takes one signal through a child and ignores the next.
      if (isRunning() && child.pid !== undefined) process.kill(child.pid, 'SIGCONT')
      child.kill(stopSignal)
      await gone()
      if (!recipe.keep) rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** After a crash the other processes of the former server may take a moment to notice and go. */
async function restartProcess(recipe: Recipe, restarts = RESTARTS): Promise<ChildProcess> {
  try {
    return await startProcess(recipe)
  } catch (error) {
    if (restarts === 0) throw error
    await sleep(RESTART_MS)
    return restartProcess(recipe, restarts - 1)
  }
}

/** Resolves when the server says that it is ready. */
async function startProcess({ program, args, account, folder, ready }: Recipe): Promise<ChildProcess> {
  const child = spawn(program, args, {
    ...account,
    cwd: folder,
    // A group of its own: Ctrl-C must not end it before those who still use it.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  child.once('exit', () => process.removeListener('exit', kill))
  let said = ''
  await new Promise<void>((resolve, reject) => {
    const hear = (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4000)
      if (ready.test(said)) resolve()
    }
    child.stdout?.on('data', hear)
    child.stderr?.on('data', hear)
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`${program} ended with ${code}: ${said.trim()}`)))
  })
  return child
}
