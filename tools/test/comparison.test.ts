import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { describe, expect, it } from 'vitest'

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const exists = (path: string): boolean => existsSync(new URL(`../../${path}`, import.meta.url))

/** How many rows each of the documents has that this project answers, and what stands between two numbers. */
const DOCUMENTS: Readonly<Record<string, readonly [last: number, between: readonly string[]]>> = {
  S0: [25, []],
  S1: [56, ['23b', '45b']],
  S2: [22, []],
  S3: [27, []],
  S4: [33, []],
}

interface Row {
  readonly id: string
  readonly answer: string
  /** Title of a test, and the file it stands in. */
  readonly tests: ReadonlyArray<readonly [title: string, file: string]>
}

/** Every row of every table: those of the documents by their id, those about Duende by a label. */
const rows: readonly Row[] = read('docs/contribute/comparison.md')
  .split('\n')
  .flatMap((line) => {
    const [, id, answer = '', tests = ''] = /^\| (.+?) \| (.+) \|(?: (.+))? \|$/.exec(line) ?? []
    if (id === undefined || id === 'Row' || id.startsWith('---')) return []
    const links = [...tests.matchAll(/\[([^\]]+)\]\(([^)]+)\)/g)]
    return [{ id, answer, tests: links.map(([, title = '', file = '']) => [title, file] as const) }]
  })

describe('docs/contribute/comparison.md', () => {
  it.each(Object.entries(DOCUMENTS))('answers every row of %s once', (document, [last, between]) => {
    const numbers = [...Array.from({ length: last }, (_, at) => String(at + 1)), ...between]
    const answered = rows.filter(({ id }) => id.startsWith(`${document}-`)).map(({ id }) => id)
    expect(answered.toSorted()).toEqual(numbers.map((number) => `${document}-${number}`).toSorted())
  })

  it('says of each whether it is built, built differently or not, and names the test that proves it', () => {
    for (const { id, answer, tests } of rows) {
      expect(answer, id).toMatch(/^(Built|Differently|Not): ./)
      if (!answer.startsWith('Not: ')) expect(tests.length, id).toBeGreaterThan(0)
    }
  })

  it('links to tests that are there', () => {
    for (const { id, tests } of rows)
      for (const [title, file] of tests) {
        const path = posix.join('docs/contribute', file)
        expect(exists(path), `${id}: ${path}`).toBe(true)
        expect(read(path), `${id}: ${path}`).toContain(title)
      }
  })
})

it('every package is under the MIT licence', () => {
  for (const name of readdirSync(new URL('../../packages', import.meta.url))) {
    const manifest = `packages/${name}/package.json`
    if (exists(manifest)) expect(JSON.parse(read(manifest)).license, name).toBe('MIT')
  }
})
