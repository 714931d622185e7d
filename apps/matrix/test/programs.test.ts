import assert from 'node:assert/strict'
import { expect, test } from 'vitest'
import { bundle } from '../src/bundle.ts'
import { runLaws } from '../src/programs/law-run.ts'
import * as runner from '../src/programs/vitest.ts'

test('A program runs the laws of the groups that are asked for, and tells what each came to', async () => {
  const order: string[] = []
  runner.beforeAll(() => order.push('before'))
  runner.afterAll(() => order.push('after'))
  runner.describe('a store', () => {
    runner.test('key-1 it keeps', () => void order.push('law'))
    runner.test('key-2 it forgets', () => assert.equal(1, 2))
    runner.test('what is no law is left out', () => assert.fail('run'))
  })
  runner.describe('another', async () => {
    await Promise.resolve()
    runner.test('key-3 it is elsewhere', () => assert.fail('run'))
  })
  const lines: string[] = []
  await runLaws(['a store'], (line) => lines.push(line))
  expect(order).toEqual(['before', 'law', 'after'])
  expect(lines.slice(0, 2).map((line) => JSON.parse(line.slice('law '.length)))).toEqual([
    { group: 'a store', law: 'key-1', fault: null },
    { group: 'a store', law: 'key-2', fault: expect.stringContaining('1 !== 2') },
  ])
  expect(lines.slice(2)).toEqual(['end'])
})

test('Rows and runtimes that share laws share one bundle, which is written once', async () => {
  const program = { name: 'store', laws: 'apps/matrix/test/keys.test.ts', for: 'node' } as const
  const first = bundle(program)
  expect(bundle({ ...program })).toBe(first)
  await first
})
