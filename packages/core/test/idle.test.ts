import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

/** For how many milliseconds a process went on after it had nothing more to do. */
async function timeToEnd(...task: string[]): Promise<number> {
  const worker = fileURLToPath(new URL('idle.worker.ts', import.meta.url))
  const args = ['--import', 'tsx', '--conditions=@bff/source', worker, ...task]
  return Number((await promisify(execFile)(process.execPath, args)).stdout)
}

test.for([
  { what: 'waits for the next cleanup', part: 'cleanup' },
  { what: 'has revocations left', part: 'revocation' },
  { what: 'watches the session of a stream', part: 'watch' },
  { what: 'takes back a lease', part: 'lease' },
])('a process that only $what ends by itself', async ({ part }) => {
  expect(await timeToEnd(part)).toBeLessThan(4_000)
})

test.for(['cleanup', 'revocation'])('a process whose BFF is closed ends by itself (%s)', async (part) => {
  expect(await timeToEnd(part, 'closed')).toBeLessThan(4_000)
})
