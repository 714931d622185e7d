import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createStore } from '../new-store.mjs'
import { Scaffold } from './scaffold.ts'

const NAME = 'cloudflare-kv'

describe('a new store', () => {
  let scaffold: Scaffold
  beforeAll(() => {
    scaffold = new Scaffold('store-memory', (root) => createStore(root, NAME), ['core'])
  })
  afterAll(() => scaffold.remove())

  it('carries its own name wherever the template names itself', () => {
    const { text, manifest, folder } = scaffold
    expect(folder).toBe(`packages/store-${NAME}`)
    expect(text).not.toMatch(/store-memory|memoryStore|memoryHarness|Memory[A-Z]/)
    expect(text).toContain('export function cloudflareKvStore(): Stores')
    expect(manifest).toMatchObject({ name: '@bff/store-cloudflare-kv', version: '0.0.0' })
    expect(manifest).toMatchObject({ keywords: expect.arrayContaining([NAME]) })
    expect(manifest).not.toMatchObject({ keywords: expect.arrayContaining(['memory']) })
    expect(scaffold.read(`.changeset/store-${NAME}.md`)).toContain("'@bff/store-cloudflare-kv': major")
  })

  it('has a row of its own in the table of who may import what', async () => {
    expect(await scaffold.violations()).toEqual([])
    expect(scaffold.read('tools/boundaries.mjs')).toContain(`{ of: 'store-${NAME}', bff: ['core'], host: []`)
  })

  it('names every law of the contracts, those of a method at the method', () => {
    const contracts = ['session-store', 'ttl-store'].map((file) =>
      scaffold.read(`packages/core/src/contracts/${file}.ts`),
    )
    const laws = contracts.join().match(/(?<=\* - )[ST]S-\d+/g) ?? []
    expect(laws.length).toBeGreaterThan(40)
    for (const law of laws) expect(scaffold.text, law).toContain(`* - ${law} `)
    expect(scaffold.text).toMatch(/SS-10 [^\n]*\n[^/]*\*\/\n {2}async touch\(/)
    expect(scaffold.text).toMatch(/TS-04 [^\n]*\n {3}\*\/\n {2}async take\(/)
  })

  it('compiles, and its laws fail until it is written', () => {
    scaffold.compiles()
    expect(scaffold.fails('-t', 'SS-03')).toMatch(/create is not written yet|get is not written yet/)
  })

  it.each(['', 'Redis', '../escape', 'a--b', '-a', 'a_b'])('is not made under the name %j', (name) => {
    expect(() => createStore(scaffold.root, name)).toThrow(/a name in lower case: pnpm new:store/)
  })

  it('is not made over another', () => {
    expect(() => createStore(scaffold.root, 'memory')).toThrow(/packages\/store-memory exists already/)
  })
})
