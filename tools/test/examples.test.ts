import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { exampleProblems, updateExamples } from '../examples.mjs'
import { root as workspace } from '../process.mjs'

/** The examples of this workspace, to change. */
let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'examples-'))
  for (const name of readdirSync(join(workspace, 'examples')))
    cpSync(join(workspace, 'examples', name), join(root, 'examples', name), {
      recursive: true,
      filter: (path) => !/node_modules|[\\/](?:dist|\.\w+)(?:[\\/]|$)/.test(path.slice(workspace.length)),
    })
})

afterEach(() => rmSync(root, { recursive: true }))

const change = (path: string, from: string, to: string) => {
  const text = read(path)
  expect(text).toContain(from)
  writeFileSync(join(root, path), text.replace(from, to))
}
const read = (path: string) => readFileSync(join(root, path), 'utf8')

it('finds no difference in the examples as they are', () => {
  expect(exampleProblems(root)).toEqual([])
})

it.each([
  ['examples/koa/src/main.ts', "OIDC_CLIENT_ID = 'demo'", "OIDC_CLIENT_ID = 'mine'"],
  ['examples/nest/src/main.ts', 'dpop: true', 'dpop: false'],
  ['examples/nuxt/README.md', 'any password', 'the password secret'],
])('names %s where it differs from the base, and writes it as the base has it', (path, from, to) => {
  const before = read(path)
  change(path, from, to)
  expect(exampleProblems(root)).toEqual([`${path} differs from examples/express in what all examples share.`])
  expect(updateExamples(root)).toEqual([path])
  expect(read(path)).toBe(before)
})

it('writes a new option of the base into every example, with the indentation of each', () => {
  change(
    'examples/express/src/main.ts',
    '  store: memoryStore(),',
    "  basePath: '/auth',\n  store: memoryStore(),",
  )
  expect(updateExamples(root)).toHaveLength(11)
  expect(read('examples/sveltekit/src/lib/server/bff.ts')).toContain(
    "\n      basePath: '/auth',\n      store",
  )
  expect(exampleProblems(root)).toEqual([])
})

it('says which file has lost what all examples have', () => {
  change('examples/hono/src/main.ts', 'createBff({', 'createBff(')
  expect(() => exampleProblems(root)).toThrow('examples/hono has no file that makes a BFF with createBff.')
  change('examples/hono/src/main.ts', 'createBff(', 'createBff({')
  change('examples/hono/README.md', 'pnpm install', 'npm install')
  expect(() => exampleProblems(root)).toThrow('examples/hono/README.md has nothing of the form')
})
