import type { Output } from './output.ts'

/** What a command needs of a stream of the process. */
export interface Stream {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
  on(event: 'error', listener: (error: Error & { readonly code?: string }) => void): unknown
}

/** What a command needs of the process. */
export interface Surroundings {
  readonly stdout: Stream
  readonly stderr: Stream
  readonly env: Readonly<Record<string, string | undefined>>
}

/**
 * Writes to the streams of a process.
 *
 * @returns `failed` says whether a line was lost, as on a full disk: then the exit code must not be 0
 */
export function terminalOutput({ stdout, stderr, env }: Surroundings): {
  readonly output: Output
  readonly failed: () => boolean
} {
  let hasFailed = false
  stdout.on('error', ({ code, message }) => {
    // The reader has enough, as `head` does.
    if (code === 'EPIPE' || hasFailed) return
    hasFailed = true
    stderr.write(`The output could not be written: ${message}\n`)
  })
  stderr.on('error', () => {})
  const output = {
    out: (line: string) => void stdout.write(`${line}\n`),
    err: (line: string) => void stderr.write(`${line}\n`),
  }
  // A terminal of this kind has no way to take a line back.
  const canReplace = stderr.isTTY === true && env['TERM'] !== 'dumb'
  return {
    failed: () => hasFailed,
    output: canReplace
      ? {
          ...output,
          status: (line) => void stderr.write(`\r\u001b[K${line}`),
          columns: () => stderr.columns ?? 80,
        }
      : output,
  }
}
