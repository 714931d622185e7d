import { isBffError } from '@bff/core'

/** Why nothing starts, in a sentence for whoever typed the command; no stack trace is shown. */
export class StartError extends Error {
  override readonly name = 'StartError'
}

/** Runs `start`; what the reader can put right becomes its one sentence and exit code 1. */
export async function orExplain(start: () => Promise<void>): Promise<void> {
  try {
    await start()
  } catch (error) {
    const isForReader = error instanceof StartError || isBffError(error, 'invalid_config')
    if (!isForReader) throw error
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 1
  }
}
