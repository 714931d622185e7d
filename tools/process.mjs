import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The root of the workspace. */
export const root = fileURLToPath(new URL('..', import.meta.url))

/** A failure whose message is a sentence for the reader; no stack trace is shown. */
export class Failure extends Error {
  /**
   * @param {string} message
   * @param {number} exitCode
   */
  constructor(message, exitCode = 1) {
    super(message)
    this.exitCode = exitCode
  }
}

/** How long a child may take to end after a signal, in milliseconds, before it is killed. */
const PATIENCE_MS = 10_000
/**
 * A terminal sends Ctrl-C to the whole group. Wait this long, longer than a child takes to end in good order, before
 * assuming it was left out: a second signal would be a person's impatience.
 */
const GROUP_SIGNAL_MS = 2_000

/** @type {readonly NodeJS.Signals[]} */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']

/**
 * Runs a command with the terminal's own input and output, and passes signals on to it.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string, quiet?: boolean }} [options] `quiet` shows the output only on failure
 * @returns {Promise<{ code: number, signal: NodeJS.Signals | null }>} `signal`: the one we were told to stop by
 */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd ?? root,
      env: options.env ?? process.env,
      stdio: options.quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit',
    })
    /** @type {Buffer[]} */
    const output = []
    child.stdout?.on('data', (chunk) => output.push(chunk))
    child.stderr?.on('data', (chunk) => output.push(chunk))

    /** @type {NodeJS.Signals | null} */
    let stoppedBy = null
    /** @type {NodeJS.Timeout[]} */
    const timers = []
    /** @param {NodeJS.Signals} signal */
    const stop = (signal) => {
      if (stoppedBy !== null) return
      stoppedBy = signal
      timers.push(setTimeout(() => child.kill(signal), GROUP_SIGNAL_MS))
      timers.push(setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS))
    }
    for (const signal of SIGNALS) process.on(signal, stop)

    const settle = () => {
      for (const timer of timers) clearTimeout(timer)
      for (const signal of SIGNALS) process.off(signal, stop)
    }
    child.once('error', (error) => {
      settle()
      reject(new Failure(`${command} could not be started: ${error.message}`))
    })
    child.once('close', (code, signal) => {
      settle()
      const failed = code !== 0
      if (failed && options.quiet) process.stderr.write(Buffer.concat(output))
      resolve({ code: code ?? 1, signal: stoppedBy ?? signal })
    })
  })
}

/**
 * Runs a command that must succeed.
 *
 * @param {string} remedy what to do when it fails
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string, quiet?: boolean }} [options]
 */
export async function must(remedy, command, args, options) {
  const { code, signal } = await run(command, args, options)
  if (signal !== null) throw new Failure(`Stopped by ${signal}.`, 130)
  if (code !== 0) throw new Failure(remedy)
}

/**
 * The path of an installed development tool.
 *
 * @param {string} name
 */
export const bin = (name) => `${root}node_modules/.bin/${name}`

/** @param {string} text */
export const say = (text) => process.stdout.write(`${text}\n`)
