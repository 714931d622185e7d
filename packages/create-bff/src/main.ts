#!/usr/bin/env node
import { run } from './run.ts'

const { exitCode } = await run(process.argv.slice(2), {
  out: (line) => console.log(line),
  err: (line) => console.error(line),
  isInteractive: Boolean(process.stdin.isTTY && process.stdout.isTTY),
})
process.exitCode = exitCode
