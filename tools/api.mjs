import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import ts from 'typescript'
import { listFiles, listWorkspaces } from './packages.mjs'
import { root as workspaceRoot } from './process.mjs'

/**
 * A roll-up of declarations in a stable form: no comments, statements and names in order of their text, so that
 * moving code between files changes nothing.
 *
 * @param {string} text
 * @param {boolean} [isChunk] shared by several entries, under names the bundler made up
 */
export function normalise(text, isChunk = false) {
  const printer = ts.createPrinter({ removeComments: true, newLine: ts.NewLineKind.LineFeed })
  const source = ts.createSourceFile('api.d.ts', text, ts.ScriptTarget.ES2022, true)
  const printed = source.statements.map((statement) =>
    sortNames(printer.printNode(ts.EmitHint.Unspecified, statement, source), isChunk),
  )
  return `${printed.sort().join('\n')}\n`
}

/**
 * Sorts the names of an import or export, and undoes what a chunk renamed.
 *
 * @param {string} statement
 * @param {boolean} isChunk
 */
function sortNames(statement, isChunk) {
  const [, head, list, tail = ''] = /^((?:import|export)(?: type)? \{) (.*) (\}.*)$/.exec(statement) ?? []
  if (head === undefined || list === undefined) return statement
  const isFromChunk = /from "\.|from '\./.test(tail)
  const names = list.split(', ').map((name) => {
    if (isFromChunk) return name.replace(/^(type )?.* as /, '$1')
    return isChunk ? name.replace(/ as .*$/, '') : name
  })
  return `${head} ${names.sort().join(', ')} ${tail}`
}

/**
 * The API surface of each published package as built, by file name in docs/api.
 *
 * @param {string} root
 * @returns {Map<string, string>}
 */
function readSurface(root) {
  const packages = listWorkspaces(root).filter(({ kind }) => kind === 'packages')
  return new Map(
    packages.map(({ folder, short }) => {
      const dist = join(root, folder, 'dist')
      const files = existsSync(dist)
        ? readdirSync(dist)
            .filter((name) => name.endsWith('.d.ts'))
            .sort()
        : []
      const parts = files.map((name) => {
        const heading = files.length > 1 ? `// ${withoutHash(name)}\n` : ''
        const isChunk = withoutHash(name) !== name
        return heading + withoutHash(normalise(readFileSync(join(dist, name), 'utf8'), isChunk))
      })
      return [`${short}.d.ts`, parts.join('\n')]
    }),
  )
}

/**
 * Chunks shared by several entries carry a hash in their name; it changes with every edit.
 *
 * @param {string} text
 */
const withoutHash = (text) => text.replace(/-[A-Za-z0-9_-]{8}(?=\.(?:d\.ts|js)\b)/g, '')

/**
 * The files of docs/api that do not say what was built.
 *
 * @param {string} [root]
 * @returns {string[]}
 */
export function staleApi(root = workspaceRoot) {
  const surface = readSurface(root)
  const wrong = [...surface].filter(([file, text]) => committed(root, file) !== text).map(([file]) => file)
  const gone = listFiles(root, 'docs/api', ['.d.ts'])
    .map((file) => basename(file))
    .filter((file) => !surface.has(file))
  return [...wrong, ...gone].map((file) => `docs/api/${file}`)
}

/**
 * Writes docs/api anew.
 *
 * @param {string} [root]
 * @returns {string[]} the files that changed
 */
export function writeApi(root = workspaceRoot) {
  const stale = staleApi(root)
  mkdirSync(join(root, 'docs/api'), { recursive: true })
  for (const file of stale) rmSync(join(root, file), { force: true })
  for (const [file, text] of readSurface(root)) writeFileSync(join(root, 'docs/api', file), text)
  return stale
}

/**
 * @param {string} root
 * @param {string} file
 */
function committed(root, file) {
  const path = join(root, 'docs/api', file)
  return existsSync(path) ? readFileSync(path, 'utf8') : null
}
