#!/usr/bin/env node
import { run } from './run.ts'

process.exitCode = await run(process.argv.slice(2), {
  out: (line) => console.log(line),
  err: (line) => console.error(line),
  ...(process.stderr.isTTY && {
    status: (line: string) => void process.stderr.write(`\r\u001b[K${line}`),
  }),
})
