import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { listFiles, listWorkspaces } from './packages.mjs'
import { root as workspaceRoot } from './process.mjs'

/** The document; its columns "Kept in" and "Tests", and the sentences that contracts state, are generated. */
export const DOCUMENT = 'docs/contribute/requirements.md'

/** The document with a table of clauses of RFC 10017; its column "Tests" is generated. */
export const CLAUSES = 'docs/contribute/conformance.md'

/** How many rows no test cites. Lower it when that number falls; a new requirement comes with a test. */
export const UNTESTED = 0

/** Look like ids of ours, and are names of standards. */
const STANDARDS = new Set(['EIP', 'ERC', 'RFC', 'ADR'])
const NONE = 'none'

/**
 * @typedef {{ id: string, sentence: string, source: string, keptIn: string, tests: string }} Row
 * @typedef {Map<string, Set<string>>} Citations id to files
 */

/**
 * The ids a text cites. A range cites its ends, and those between them that have a row.
 *
 * @param {string} text
 * @param {ReadonlySet<string>} known
 * @returns {Set<string>}
 */
export function citedIn(text, known) {
  /** @type {Set<string>} */
  const ids = new Set()
  for (const [id = '', family = ''] of text.matchAll(/(?<![\w-])([A-Z]{2,4})-\d{2}(?![\w-])/g))
    if (!STANDARDS.has(family)) ids.add(id)
  // A range may be broken over two lines of a doc comment.
  for (const [, family = '', from, to] of text.matchAll(
    /(?<![\w-])([A-Z]{2,4})-(\d{2}) to[\s*]+\1-(\d{2})(?![\w-])/g,
  ))
    for (let number = Number(from) + 1; number < Number(to); number++) {
      const between = `${family}-${String(number).padStart(2, '0')}`
      if (known.has(between)) ids.add(between)
    }
  return ids
}

/**
 * Which source files and which tests cite each id. A testkit's source is tests.
 *
 * @param {string} root
 * @param {ReadonlySet<string>} known
 * @returns {{ keptIn: Citations, tests: Citations }}
 */
function readCitations(root, known) {
  /** @type {Citations} */
  const keptIn = new Map()
  /** @type {Citations} */
  const tests = new Map()
  const isTest = (/** @type {string} */ file) => /\.test\.tsx?$/.test(file)
  const add = (/** @type {Citations} */ citations, /** @type {string} */ file) => {
    for (const id of citedIn(readFileSync(join(root, file), 'utf8'), known))
      citations.set(id, (citations.get(id) ?? new Set()).add(file))
  }
  for (const { kind, short, folder } of listWorkspaces(root)) {
    if (kind === 'packages')
      for (const file of listFiles(root, `${folder}/src`, ['.ts', '.tsx']))
        add(short.endsWith('-testkit') ? tests : keptIn, file)
    for (const file of listFiles(root, `${folder}/test`, ['.ts', '.tsx'])) if (isTest(file)) add(tests, file)
  }
  for (const file of listFiles(root, 'examples/test', ['.ts', '.tsx'])) if (isTest(file)) add(tests, file)
  // What tools/ checks of every package is a test of it.
  for (const file of listFiles(root, 'tools', ['.mjs']))
    if (file !== 'tools/requirements.mjs') add(tests, file)
  return { keptIn, tests }
}

/**
 * The laws that contracts state, one `- SS-01 sentence` each in a doc comment.
 *
 * @param {string} root
 * @returns {Map<string, string>}
 */
function readLaws(root) {
  /** @type {Map<string, string>} */
  const laws = new Map()
  for (const file of listFiles(root, 'packages/core/src/contracts', ['.ts'])) {
    const text = readFileSync(join(root, file), 'utf8')
    for (const [, id = '', sentence = ''] of text.matchAll(
      /^ \* - ([A-Z]{2,4}-\d{2}) ([\s\S]+?)(?=\n \* - |\n \*\/|\n \*\n)/gm,
    ))
      laws.set(id, sentence.replaceAll(/\s*\n \*\s+/g, ' '))
  }
  return laws
}

/**
 * The cells of one line of a table of requirements; `null` for any other line.
 *
 * @param {string} line
 * @returns {Row | null}
 */
function readRow(line) {
  const [id = '', sentence = '', source = '', keptIn = '', tests = ''] = line
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim())
  return /^[A-Z]{2,4}-\d{2}$/.test(id) && line.startsWith('|')
    ? { id, sentence, source, keptIn, tests }
    : null
}

/** @param {ReadonlySet<string> | undefined} files */
const cellOf = (files) =>
  files === undefined
    ? NONE
    : [...files]
        .map((file) => `\`${file.replace(/^packages\//, '')}\``)
        .sort()
        .join(', ')

/**
 * The table of clauses as it should be, and which requirements it lacks.
 *
 * @param {string} root
 * @param {readonly Row[]} rows
 * @param {Citations} tests
 */
function renderClauses(root, rows, tests) {
  const committed = readFileSync(join(root, CLAUSES), 'utf8')
  /** @type {Map<string, string>} */
  const clauses = new Map()
  const text = committed
    .split('\n')
    .map((line) => {
      const [clause = '', sentence = '', ids = ''] = line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim())
      if (!/^§[\d.]+$/.test(clause)) return line
      clauses.set(clause, ids)
      const files = ids.split(', ').flatMap((id) => [...(tests.get(id) ?? [])])
      return `| ${clause} | ${sentence} | ${ids} | ${cellOf(files.length === 0 ? undefined : new Set(files))} |`
    })
    .join('\n')
  const named = rows.flatMap(({ id, source }) =>
    [...source.matchAll(/RFC 10017 (§[\d.]+\d)/g)].map(([, clause = '']) => ({ id, clause })),
  )
  const known = new Set(rows.map(({ id }) => id))
  const problems = [
    ...named
      .filter(({ id, clause }) => !clauses.get(clause)?.split(', ').includes(id))
      .map(({ id, clause }) => `${id} names RFC 10017 ${clause}, and is missing there in ${CLAUSES}.`),
    ...[...clauses].flatMap(([clause, ids]) =>
      ids
        .split(', ')
        .filter((id) => id !== NONE && !known.has(id))
        .map((id) => `${CLAUSES} names ${id} at ${clause}, which has no row in ${DOCUMENT}.`),
    ),
  ]
  return { committed, text, problems }
}

/**
 * The document as it should be, and what is wrong with what is written by hand.
 *
 * @param {string} root
 */
function render(root) {
  const committed = readFileSync(join(root, DOCUMENT), 'utf8')
  const lines = committed.split('\n')
  const rows = lines.flatMap((line) => readRow(line) ?? [])
  const ids = rows.map(({ id }) => id)
  const known = new Set(ids)
  const { keptIn, tests } = readCitations(root, known)
  const laws = readLaws(root)
  const text = lines
    .map((line) => {
      const row = readRow(line)
      if (row === null) return line
      const sentence = laws.get(row.id)?.replaceAll(/(?<!\\)\|/g, '\\|') ?? row.sentence
      return `| ${row.id} | ${sentence} | ${row.source} | ${cellOf(keptIn.get(row.id))} | ${cellOf(tests.get(row.id))} |`
    })
    .join('\n')
  const cited = new Set([...keptIn.keys(), ...tests.keys()])
  const documents = listFiles(root, 'docs', ['.md']).filter((file) => !file.startsWith('docs/contribute/'))
  const mentioned = documents.flatMap((file) =>
    [...citedIn(readFileSync(join(root, file), 'utf8'), known)].map((id) => ({ id, file })),
  )
  const untested = ids.filter((id) => !tests.has(id))
  const problems = [
    ...[...cited]
      .filter((id) => !known.has(id))
      .sort()
      .map((id) => `${id} is cited by ${[...(keptIn.get(id) ?? tests.get(id) ?? [])][0]} and has no row.`),
    ...mentioned
      .filter(({ id }) => !known.has(id))
      .map(({ id, file }) => `${id} is cited by ${file} and has no row.`),
    ...ids.filter((id) => !cited.has(id)).map((id) => `${id} has a row and is cited nowhere.`),
    ...rows.filter(({ sentence }) => sentence === '').map(({ id }) => `${id} has no sentence.`),
    ...ids.filter((id, at) => ids.indexOf(id) !== at).map((id) => `${id} has two rows.`),
    ...(untested.length === UNTESTED
      ? []
      : [
          `Rows without a test: ${untested.length}, not ${UNTESTED}: ${untested.join(', ')}. Cite the id in a test, or set UNTESTED in tools/requirements.mjs when the number fell.`,
        ]),
  ]
  return { committed, text, problems, clauses: renderClauses(root, rows, tests) }
}

/**
 * What is wrong with the document, in sentences.
 *
 * @param {string} [root]
 * @returns {string[]}
 */
export function requirementProblems(root = workspaceRoot) {
  const { committed, text, problems, clauses } = render(root)
  const lines = text.split('\n')
  const stale = committed
    .split('\n')
    .flatMap((line, at) => (line === lines[at] ? [] : [`The row of ${readRow(line)?.id} is not current.`]))
  const staleClauses =
    clauses.text === clauses.committed ? [] : [`The table of clauses in ${CLAUSES} is not current.`]
  return [...problems, ...stale, ...clauses.problems, ...staleClauses]
}

/**
 * Writes the generated columns anew.
 *
 * @param {string} [root]
 * @returns {boolean} whether anything changed
 */
export function writeRequirements(root = workspaceRoot) {
  const { committed, text, clauses } = render(root)
  if (text === committed && clauses.text === clauses.committed) return false
  writeFileSync(join(root, DOCUMENT), text)
  writeFileSync(join(root, CLAUSES), clauses.text)
  return true
}
