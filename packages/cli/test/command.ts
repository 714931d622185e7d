import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { type Output, run } from '../src/index.ts'

/** Runs a command in this process. */
export async function bffCommand(...args: string[]) {
  return bffCommandWith({}, ...args)
}

/** Runs a command in this process, on a terminal or with an output that does something. */
export async function bffCommandWith(output: Partial<Output>, ...args: string[]) {
  const [out, err]: [string[], string[]] = [[], []]
  const exitCode = await run(args, {
    out: (line) => void out.push(line),
    err: (line) => void err.push(line),
    ...output,
  })
  return { exitCode, out, err: err.join('\n'), json: () => JSON.parse(out.join('\n')) }
}

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))

/** Starts a command in a process of its own, with these encryption keys. */
export function startCommand(keys: readonly string[], ...args: string[]) {
  const started = launch('pipe', keys, args)
  const exit = exitOf(started)
  const done = Promise.all([exit, textOf(started.stdout), textOf(started.stderr)])
  return {
    interrupt: () => started.kill('SIGINT'),
    /** Its first line on stderr, which is the first progress. */
    firstLine: new Promise<void>((resolve) => started.stderr?.once('data', () => resolve())),
    async end() {
      const [exitCode, out, err] = await done
      return { exitCode, err, json: () => JSON.parse(out) }
    },
  }
}

/** Runs a command in a process of its own, with its output in an open file. */
export async function bffCommandInto(file: number, ...args: string[]) {
  const started = launch(file, [], args)
  const [exitCode, err] = await Promise.all([exitOf(started), textOf(started.stderr)])
  return { exitCode, err }
}

const launch = (file: number | 'pipe', keys: readonly string[], args: readonly string[]) =>
  spawn(process.execPath, ['--import', 'tsx', '--conditions=@bff/source', MAIN, ...args], {
    env: { ...process.env, BFF_ENCRYPTION_KEYS: keys.join(',') },
    stdio: ['ignore', file, 'pipe'],
  })

const exitOf = (started: ChildProcess) => new Promise<number | null>((resolve) => started.on('exit', resolve))

const textOf = (stream: Readable | null) => (stream === null ? '' : text(stream))
