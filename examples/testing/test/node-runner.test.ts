import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

it('@bff/testing runs under node:test', async () => {
  const file = fileURLToPath(new URL('node-runner.ts', import.meta.url))
  const args = ['--import', 'tsx', '--conditions=@bff/source', '--test', '--test-reporter=tap', file]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  expect(stdout).toMatch(/^# pass 2$/m)
  expect(stdout).toMatch(/^# fail 0$/m)
})
