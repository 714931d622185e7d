import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface, type Interface } from 'node:readline'
import type { Readable } from 'node:stream'
import { programOf, type Runtime, WORK } from './runtimes.ts'

/** A program that runs on a runtime. */
export interface Running {
  /** The lines of its output that begin with one of the words it was started with, that word cut off. */
  readonly lines: Interface
  readonly child: ChildProcess
  readonly port: Promise<number>
  /** The last of what it said beside those, for a failure's message. */
  said(): string
  stop(): Promise<void>
}

const KEPT = 20_000

export function start(runtime: Runtime, file: string, env: Readonly<Record<string, string>> = {}): Running {
  const isWorkerd = runtime.name === 'workerd'
  const child = spawn(programOf(runtime), [...runtime.args, file, ...(isWorkerd ? ['--control-fd=3'] : [])], {
    cwd: WORK,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env, NO_COLOR: '1', FORCE_COLOR: '0' },
  })
  let said = ''
  const note = (text: unknown) => {
    said = `${said}${text}`.slice(-KEPT)
  }
  child.stderr?.on('data', note)
  child.stdout?.on('data', note)
  const control = createInterface(child.stdio[3] as Readable)
  const port = new Promise<number>((resolve) =>
    control.on('line', (line) => {
      const { event, port } = JSON.parse(line)
      if (event === 'listen') resolve(port)
    }),
  )
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  return {
    lines: createInterface(child.stdout as Readable),
    child,
    port,
    said: () => said,
    async stop() {
      child.kill('SIGKILL')
      await ended
      // A server that the program started may still hold them.
      for (const stream of child.stdio) stream?.destroy()
    },
  }
}
