import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CLAUSES, citedIn, DOCUMENT, requirementProblems, writeRequirements } from '../requirements.mjs'

describe(DOCUMENT, () => {
  it('has a row for every id that code or tests cite, cites every row, has current columns and no more untested rows than before', () => {
    expect(requirementProblems(fileURLToPath(new URL('../..', import.meta.url)))).toEqual([])
  })
})

describe('the requirements of a workspace', () => {
  let root: string
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  const row = (id: string, sentence: string, keptIn: string, tests: string) =>
    `| ${id} | ${sentence} | ours | ${keptIn} | ${tests} |`
  const document = () => readFileSync(join(root, DOCUMENT), 'utf8')

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'requirements-'))
    write('packages/a/package.json', '{ "name": "@bff/a" }')
    write('packages/a-testkit/package.json', '{ "name": "@bff/a-testkit" }')
    write('packages/a/src/a.ts', '/** Refuses it (PRX-01). */')
    write('packages/a/test/a.test.ts', "it('PRX-01 refuses it', () => {})")
    write(DOCUMENT, `# Title\n\n${row('PRX-01', 'Refuse it.', '`a/src/a.ts`', '`a/test/a.test.ts`')}\n`)
    write(CLAUSES, '# Title\n')
  })
  afterEach(() => rmSync(root, { recursive: true }))

  it('are in order when every id has a row and every row a citation', () => {
    expect(requirementProblems(root)).toEqual([])
    expect(writeRequirements(root)).toBe(false)
  })

  it.each(['packages/a/src/b.ts', 'packages/a/test/b.test.ts', 'docs/security.md'])(
    'miss a row for an id that %s cites',
    (file) => {
      write(file, '// PRX-02')
      expect(requirementProblems(root)).toContain(`PRX-02 is cited by ${file} and has no row.`)
    },
  )

  it('are named at each clause of RFC 10017 that they name, with their tests', () => {
    const clause = (ids: string, tests: string) => `| §6.1 | Tokens stay. | ${ids} | ${tests} |\n`
    const sourced = document().replace('| ours |', '| RFC 10017 §6.1 |')
    write(DOCUMENT, sourced)
    write(CLAUSES, clause('none', 'none'))
    expect(requirementProblems(root)).toEqual([
      `PRX-01 names RFC 10017 §6.1, and is missing there in ${CLAUSES}.`,
    ])
    write(CLAUSES, clause('PRX-01, PRX-09', 'none'))
    expect(requirementProblems(root)).toEqual([
      `${CLAUSES} names PRX-09 at §6.1, which has no row in ${DOCUMENT}.`,
      `The table of clauses in ${CLAUSES} is not current.`,
    ])
    write(CLAUSES, clause('PRX-01', 'none'))
    expect(writeRequirements(root)).toBe(true)
    expect(readFileSync(join(root, CLAUSES), 'utf8')).toBe(clause('PRX-01', '`a/test/a.test.ts`'))
    expect(requirementProblems(root)).toEqual([])
  })

  it('have no row that nothing cites, and no row twice', () => {
    write(DOCUMENT, `${document()}${row('PRX-02', 'Refuse that.', 'none', 'none')}\n`)
    expect(requirementProblems(root)).toContain('PRX-02 has a row and is cited nowhere.')
    write(DOCUMENT, `${document()}${row('PRX-02', 'Refuse that.', 'none', 'none')}\n`)
    expect(requirementProblems(root)).toContain('PRX-02 has two rows.')
  })

  it('have a sentence each', () => {
    write(DOCUMENT, `${row('PRX-01', '', '`a/src/a.ts`', '`a/test/a.test.ts`')}\n`)
    expect(requirementProblems(root)).toEqual(['PRX-01 has no sentence.'])
  })

  it('have no more rows without a test than before', () => {
    write('packages/a/test/a.test.ts', "it('refuses it', () => {})")
    expect(requirementProblems(root)).toContainEqual(
      expect.stringContaining('Rows without a test: 1, not 0: PRX-01.'),
    )
    writeRequirements(root)
    expect(document()).toContain(row('PRX-01', 'Refuse it.', '`a/src/a.ts`', 'none'))
  })

  it('are written with the files that cite them, and the sentence by hand stays', () => {
    write('packages/a/src/b.ts', '// PRX-01')
    write('packages/a/test/support.ts', '// PRX-01: not a test')
    write('packages/a-testkit/src/law.ts', "law('PRX-01 refuses it')")
    expect(requirementProblems(root)).toEqual(['The row of PRX-01 is not current.'])
    expect(writeRequirements(root)).toBe(true)
    expect(document()).toContain(
      row('PRX-01', 'Refuse it.', '`a/src/a.ts`, `a/src/b.ts`', '`a-testkit/src/law.ts`, `a/test/a.test.ts`'),
    )
    expect(requirementProblems(root)).toEqual([])
  })

  it('take the sentence of a law from the doc comment of its contract', () => {
    write('packages/core/package.json', '{ "name": "@bff/core" }')
    write(
      'packages/core/src/contracts/store.ts',
      '/**\n * - PRX-01 Refuses `a | b`,\n *   always.\n * - PRX-03 More.\n */\n',
    )
    writeRequirements(root)
    expect(document()).toContain('| PRX-01 | Refuses `a \\| b`, always. | ours |')
  })

  it.each([
    ['a single id', 'PRX-01', ['PRX-01']],
    ['an id in brackets at the end of a title', 'refuses it [PRX-01]', ['PRX-01']],
    ['a range, with what has a row in it', 'PRX-01 to PRX-05', ['PRX-01', 'PRX-03', 'PRX-05']],
    ['a range over two lines of a comment', '(PRX-01 to\n * PRX-05)', ['PRX-01', 'PRX-03', 'PRX-05']],
    ['rows of other systems, standards and algorithms', 'S1-24, EIP-55, CVE-2025-48947, AES-256, UTF-8', []],
  ])('are cited by %s', (_case, text, ids) => {
    expect([...citedIn(text, new Set(['PRX-03']))].sort()).toEqual(ids)
  })
})
