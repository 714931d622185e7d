import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { listFiles, listWorkspaces } from './packages.mjs'
import { root as workspaceRoot } from './process.mjs'

/** Its table of words is the one list there is. */
const STYLE = 'docs/contribute/style.md'
/** A record of other systems, in their words. */
const EXEMPT = 'docs/contribute/comparison.md'

/** @typedef {{ word: string, instead: string, pattern: RegExp }} Rule */

/**
 * The rules of a style guide: the rows of the table under "Words".
 *
 * @param {string} text
 * @returns {Rule[]}
 */
export function readRules(text) {
  const [, section = ''] = text.split(/^## Words$/m)
  const rows = section.split('\n').flatMap((line) => {
    const [, words = '', instead = ''] = /^\| (.+?) +\| (.+?) +\|$/.exec(line) ?? []
    return words === '' || words === 'Do not write' || words.startsWith('--') ? [] : [{ words, instead }]
  })
  return rows.flatMap(({ words, instead }) =>
    words.split(', ').map((word) => ({
      word,
      instead,
      // A phrase may be broken over two lines.
      pattern: new RegExp(`(?<![\\w-])${word.replaceAll(' ', '[\\s*]+')}(?![\\w-])`, 'gi'),
    })),
  )
}

/**
 * Blanks what is not prose, and keeps the lines: code in a document, everything but comments and texts in source.
 *
 * @param {string} file
 * @param {string} text
 */
export function proseOf(file, text) {
  const blank = (/** @type {string} */ code) => code.replaceAll(/[^\n]/g, ' ')
  if (file.endsWith('.md'))
    return text.replaceAll(/^```[\s\S]*?^```/gm, blank).replaceAll(/`[^`]*`|\]\([^)]*\)/g, blank)
  const prose = [...blank(text)]
  const keep = (/** @type {number} */ from, /** @type {number} */ to) => {
    for (let at = from; at < to; at++) prose[at] = text[at] ?? ' '
  }
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true)
  const visit = (/** @type {ts.Node} */ node) => {
    // A token's own text starts after the comments on the line before it and above it; so does the end of the file.
    if (node.getChildCount(source) === 0)
      for (const commentsAt of [ts.getTrailingCommentRanges, ts.getLeadingCommentRanges])
        for (const { pos, end } of commentsAt(text, node.pos) ?? []) keep(pos, end)
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node))
      keep(node.getStart(source), node.end)
    for (const child of node.getChildren(source)) visit(child)
  }
  visit(source)
  return prose.join('')
}

/**
 * Where a text breaks the rules, in sentences.
 *
 * @param {string} file
 * @param {string} text
 * @param {readonly Rule[]} rules
 * @returns {string[]}
 */
export function findWords(file, text, rules) {
  const prose = proseOf(file, file === STYLE ? (text.split(/^## Words$/m)[0] ?? '') : text)
  return rules
    .flatMap(({ word, instead, pattern }) =>
      [...prose.matchAll(pattern)].map(({ index }) => ({
        line: prose.slice(0, index).split('\n').length,
        word,
        instead,
      })),
    )
    .sort((one, other) => one.line - other.line)
    .map(({ line, word, instead }) => `${file}:${line}: not "${word}", but ${instead}`)
}

/**
 * The documents and sources that keep the rules: those of the root, of docs/ and its folders, the READMEs of the
 * packages and their source.
 *
 * @param {string} root
 */
function coveredFiles(root) {
  const documents = [
    '.',
    'docs',
    'docs/compare',
    'docs/contribute',
    'docs/start',
    'docs/guides',
    'docs/guides/moving',
    'docs/operate',
  ].flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith('.md'))
      .sort()
      .map((name) => (folder === '.' ? name : `${folder}/${name}`))
      .filter((file) => file !== EXEMPT),
  )
  const packages = listWorkspaces(root).filter(({ kind }) => kind === 'packages')
  return [
    ...documents,
    ...packages.flatMap(({ folder }) => [
      `${folder}/README.md`,
      ...listFiles(root, `${folder}/src`, ['.ts', '.tsx']),
    ]),
  ]
}

/**
 * @param {string} [root]
 * @param {readonly string[]} [files]
 * @returns {string[]}
 */
export function proseProblems(root = workspaceRoot, files = coveredFiles(root)) {
  const rules = readRules(readFileSync(join(root, STYLE), 'utf8'))
  return files.flatMap((file) => findWords(file, readFileSync(join(root, file), 'utf8'), rules))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const given = process.argv.slice(2).map((path) => relative(workspaceRoot, join(process.cwd(), path)))
  const files = given.flatMap((path) =>
    existsSync(join(workspaceRoot, path)) && statSync(join(workspaceRoot, path)).isDirectory()
      ? listFiles(workspaceRoot, path, ['.md', '.ts', '.tsx'])
      : [path],
  )
  const problems = proseProblems(workspaceRoot, given.length > 0 ? files : undefined)
  for (const problem of problems) console.log(problem)
  console.log(`${problems.length} words to replace`)
  if (problems.length > 0) process.exitCode = 1
}
