import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findViolations } from '../boundaries.mjs'
import { createStore } from '../new-store.mjs'
import { link, linkDependencies, listFiles } from '../packages.mjs'
import { bin, root } from '../process.mjs'

const NAME = 'cloudflare-kv'

const PLAIN = { ...process.env, NO_COLOR: '1' }

/** A workspace with what a store package stands on. */
let workspace: string
let folder: string

beforeAll(() => {
  mkdirSync(join(root, '.tools'), { recursive: true })
  workspace = mkdtempSync(join(root, '.tools/new-store-'))
  for (const file of ['tsconfig.base.json', 'tsup.base.ts', 'vitest.base.ts', 'biome.json', '.gitignore'])
    cpSync(join(root, file), join(workspace, file))
  mkdirSync(join(workspace, '.changeset'))
  symlinkSync(join(root, 'node_modules'), join(workspace, 'node_modules'))
  cpSync(join(root, 'packages/store-memory'), join(workspace, 'packages/store-memory'), {
    recursive: true,
    filter: (path) => !path.includes('node_modules'),
  })
  folder = join(workspace, createStore(workspace, NAME))
  link(join(root, 'packages/core'), join(folder, 'node_modules/@bff/core'))
  linkDependencies(join(root, 'packages/store-memory'), join(folder, 'node_modules'))
})

afterAll(() => rmSync(workspace, { recursive: true }))

describe('a new store', () => {
  it('carries its own name wherever the template names itself', () => {
    const files = listFiles(workspace, `packages/store-${NAME}`, ['.ts', '.json', '.md'])
    const texts = files.map((file) => readFileSync(join(workspace, file), 'utf8')).join('\n')
    expect(texts).not.toMatch(/store-memory|memoryStore|memoryHarness|Memory[A-Z]/)
    expect(texts).toContain('export function cloudflareKvStore(options: CloudflareKvStoreOptions = {})')
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    expect(manifest).toMatchObject({ name: '@bff/store-cloudflare-kv', version: '0.0.0' })
    expect(readFileSync(join(workspace, `.changeset/store-${NAME}.md`), 'utf8')).toContain(
      "'@bff/store-cloudflare-kv': minor",
    )
  })

  it('keeps the boundaries', () => {
    expect(findViolations(workspace)).toEqual([])
  })

  it('passes its tests and its type check', () => {
    expect(succeeds('vitest', ['run', '--root', folder])).toMatch(/Test Files\s+3 passed/)
    succeeds('biome', ['check', '--write', '--error-on-warnings', folder])
    succeeds('tsc', ['-p', folder])
  })

  it.each(['', 'Redis', '../escape', 'a--b', '-a', 'a_b'])('is not made under the name %j', (name) => {
    expect(() => createStore(workspace, name)).toThrow(/a name in lower case/)
  })

  it('is not made over another', () => {
    expect(() => createStore(workspace, 'memory')).toThrow(/packages\/store-memory exists already/)
  })
})

function succeeds(tool: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(bin(tool), args, {
    cwd: workspace,
    encoding: 'utf8',
    env: PLAIN,
  })
  expect(status, `${stdout}\n${stderr}`).toBe(0)
  return stdout
}
