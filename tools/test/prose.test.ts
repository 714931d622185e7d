import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { findWords, proseOf, proseProblems, readRules } from '../prose.mjs'

const style = readFileSync(new URL('../../docs/contribute/style.md', import.meta.url), 'utf8')

describe('the documents', () => {
  it('contain no word that the style guide replaces', () => {
    expect(proseProblems(new URL('../..', import.meta.url).pathname)).toEqual([])
  })
})

describe('findWords', () => {
  const rules = readRules(`
## Words

| Do not write | Write |
| ------------ | ----- |
| heed, heeds | use, obey |
| at the most | at most |
`)

  it('reads one rule for each word of the table', () => {
    expect(rules.map(({ word, instead }) => [word, instead])).toEqual([
      ['heed', 'use, obey'],
      ['heeds', 'use, obey'],
      ['at the most', 'at most'],
    ])
    expect(readRules(style).length).toBeGreaterThan(30)
  })

  it('names the line, the word and the replacement, in the order of the lines', () => {
    expect(findWords('a.md', 'Two at the\nmost.\n\nHeed it.\n', rules)).toEqual([
      'a.md:1: not "at the most", but at most',
      'a.md:4: not "heed", but use, obey',
    ])
  })

  it('finds a phrase that a doc comment breaks over two lines', () => {
    expect(findWords('a.ts', '/**\n * Two at the\n * most.\n */\n', rules)).toHaveLength(1)
  })

  it.each([
    ['a longer word', 'a.md', 'unheeded'],
    ['code in a document', 'a.md', '`heed`\n```ts\nheed()\n```\n'],
    ['the address of a link', 'a.md', '[it](heed.md)'],
    ['names in source', 'a.ts', 'heed(1)\n'],
  ])('leaves %s alone', (_case, file, text) => {
    expect(findWords(file, text, rules)).toEqual([])
  })

  it.each([
    ['a line comment', '// heed it\nf()\n'],
    ['a doc comment', '/** Heed it. */\nexport const a = 1\n'],
    ['a comment at the end', 'f() // heed it'],
    ['a string', "f('heed it')\n"],
    ['the head, middle and tail of a template', `f(\`heed \${a} heed \${b} heed\`)\n`],
  ])('reads %s of a source file', (_case, text) => {
    expect(findWords('a.ts', text, rules)).not.toEqual([])
  })
})

it('proseOf keeps the place of every line', () => {
  const text = "const a = 'one'\n\n/** Two. */\nconst b = 2\n"
  expect(
    proseOf('a.ts', text)
      .split('\n')
      .map((line) => line.trim()),
  ).toEqual(["'one'", '', '/** Two. */', '', ''])
})
