import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { startRedis } from './servers.ts'

test('a process that has nothing more to do ends by itself, though its store is open and hears events', async () => {
  const server = await startRedis()
  onTestFinished(() => server.stop())
  const worker = fileURLToPath(new URL('idle.worker.ts', import.meta.url))
  const args = ['--import', 'tsx', '--conditions=@bff/source', worker, server.url]
  expect((await promisify(execFile)(process.execPath, args)).stdout).toBe('null')
}, 60_000)
