import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { MissingProgram, startRedis } from '../src/index.ts'
import { findProgram } from '../src/programs.ts'

it('says how to get a program that is missing', () => {
  const find = () => findProgram('no-such-server', 'some-package')
  expect(find).toThrow(MissingProgram)
  expect(find).toThrow('no-such-server is not installed. Install it with: apt-get install -y some-package')
})

it('keeps the data of a folder it was given, and only that', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bff-kept-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const server = await startRedis([], { folder })
  expect(server.isRunning).toBe(true)
  await server.stop()
  expect(server.isRunning).toBe(false)
  expect(existsSync(join(folder, 'appendonlydir'))).toBe(true)
})
