import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { baseOf, createHttpAdapter } from '../new-http.mjs'
import { Scaffold } from './scaffold.ts'

const NAME = 'polka-dot'

describe('a new HTTP adapter', () => {
  let scaffold: Scaffold
  beforeAll(() => {
    scaffold = new Scaffold('express', (root) => createHttpAdapter(root, NAME, 'node'), ['node'])
  })
  afterAll(() => scaffold.remove())

  it('carries its own name wherever the template names itself', () => {
    const { text, manifest, folder } = scaffold
    expect(folder).toBe(`packages/${NAME}`)
    expect(text).not.toMatch(/@bff\/express|express-bff|expressBff|ExpressBff/)
    expect(text).toContain(
      'export function polkaDotBff<Metadata>(bff: ServedBff<Metadata>): PolkaDotBff<Metadata>',
    )
    expect(text).not.toContain('express4')
    expect(manifest).toMatchObject({ name: '@bff/polka-dot', version: '0.0.0' })
    expect(manifest).toMatchObject({ keywords: expect.arrayContaining([NAME]) })
    expect(scaffold.read(`.changeset/${NAME}.md`)).toContain("'@bff/polka-dot': major")
  })

  it('has a row of its own in the table of who may import what', async () => {
    expect(await scaffold.violations()).toEqual([])
    expect(scaffold.read('tools/boundaries.mjs')).toContain(`{ of: '${NAME}', bff: ['core', 'node']`)
  })

  it('passes the laws of HTTP adapters and its type check', () => {
    // The template itself passes all of them; a few tell whether the copy reaches everything.
    expect(scaffold.proves('-t', 'HA-0')).toMatch(/Test Files\s+1 passed \(1\)/)
  })

  it('is not made over another package', () => {
    expect(() => createHttpAdapter(scaffold.root, 'node', 'node')).toThrow(/packages\/node exists already/)
  })
})

describe('a new HTTP adapter on Web objects', () => {
  let scaffold: Scaffold
  beforeAll(() => {
    scaffold = new Scaffold('hono', (root) => createHttpAdapter(root, NAME, 'web'))
  })
  afterAll(() => scaffold.remove())

  it('is that of Hono under its own name', async () => {
    expect(scaffold.text).not.toMatch(/@bff\/hono|hono-bff|honoBff|HonoBff/)
    expect(scaffold.text).toContain('export function polkaDotBff<Metadata>(')
    expect(await scaffold.violations()).toEqual([])
    expect(scaffold.read('tools/boundaries.mjs')).toContain(`{ of: '${NAME}', bff: ['core'], host: ['hono']`)
  })
})

describe('what the framework passes', () => {
  const QUESTION = /IncomingMessage.*Request/

  it('is what the arguments say, or the answer to a question', async () => {
    expect(await baseOf(['--web'], null)).toBe('web')
    expect(
      await baseOf([], async (question) => {
        expect(question).toMatch(QUESTION)
        return ' Node\n'
      }),
    ).toBe('node')
  })

  it('must be said where nobody can be asked', async () => {
    await expect(baseOf([], null)).rejects.toThrow(/pnpm new:http koa --node/)
    await expect(baseOf([], async () => 'deno')).rejects.toThrow(QUESTION)
  })
})
