#!/usr/bin/env node
import { run } from './run.ts'
import { terminalOutput } from './terminal.ts'

const { output, failed } = terminalOutput(process)
process.exitCode = await run(process.argv.slice(2), output)
// A stream says only later that a line was lost.
process.once('exit', () => {
  if (failed()) process.exitCode = 1
})
