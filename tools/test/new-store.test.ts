import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createStore } from '../new-store.mjs'
import { Scaffold } from './scaffold.ts'

const NAME = 'cloudflare-kv'

describe('a new store', () => {
  let scaffold: Scaffold
  beforeAll(() => {
    scaffold = new Scaffold('store-memory', (root) => createStore(root, NAME))
  })
  afterAll(() => scaffold.remove())

  it('carries its own name wherever the template names itself', () => {
    const { text, manifest, folder } = scaffold
    expect(folder).toBe(`packages/store-${NAME}`)
    expect(text).not.toMatch(/store-memory|memoryStore|memoryHarness|Memory[A-Z]/)
    expect(text).toContain('export function cloudflareKvStore(options: CloudflareKvStoreOptions = {})')
    expect(manifest).toMatchObject({ name: '@bff/store-cloudflare-kv', version: '0.0.0' })
    expect(scaffold.read(`.changeset/store-${NAME}.md`)).toContain("'@bff/store-cloudflare-kv': minor")
  })

  it('keeps the boundaries', async () => {
    expect(await scaffold.violations()).toEqual([])
  })

  it('passes its tests and its type check', () => {
    expect(scaffold.proves()).toMatch(/Test Files\s+\d+ passed \(\d+\)/)
  })

  it.each(['', 'Redis', '../escape', 'a--b', '-a', 'a_b'])('is not made under the name %j', (name) => {
    expect(() => createStore(scaffold.root, name)).toThrow(/a name in lower case: pnpm new:store/)
  })

  it('is not made over another', () => {
    expect(() => createStore(scaffold.root, 'memory')).toThrow(/packages\/store-memory exists already/)
  })
})
