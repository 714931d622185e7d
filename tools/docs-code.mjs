import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { link, linkDependencies, listFiles, listWorkspaces } from './packages.mjs'

/** @typedef {{ file: string, line: number, language: string, code: string }} Block `line` is the code's first, from 1 */

const FENCE = /^(?<prefix>[ \t]*(?:\* )?)```(?<language>ts|tsx|typescript)[ \t]*$/

/**
 * The TypeScript blocks of a document or of a source file's doc comments.
 *
 * @param {string} file
 * @param {string} text
 * @returns {Block[]}
 */
export function extractBlocks(file, text) {
  const lines = text.split('\n')
  const isSource = file.endsWith('.ts') || file.endsWith('.tsx')
  /** @type {Block[]} */
  const blocks = []
  for (let at = 0; at < lines.length; at++) {
    const fence = FENCE.exec(lines[at] ?? '')
    if (!fence?.groups) continue
    const language = fence.groups['language'] === 'tsx' ? 'tsx' : 'ts'
    const start = at + 1
    while (++at < lines.length && !/^[ \t]*(\* )?```[ \t]*$/.test(lines[at] ?? ''));
    const code = lines.slice(start, at).map((line) => (isSource ? line.replace(/^[ \t]*\* ?/, '') : line))
    blocks.push({ file, line: start + 1, language, code: code.join('\n') })
  }
  return blocks
}

/**
 * Every TypeScript block of the documents and of the packages' doc comments.
 *
 * @param {string} root
 * @returns {Block[]}
 */
export function findBlocks(root) {
  return listSources(root).flatMap((file) => extractBlocks(file, readFileSync(join(root, file), 'utf8')))
}

/**
 * @param {string} root
 * @returns {string[]}
 */
export function findLooseExamples(root) {
  const sources = listSources(root).filter((file) => !file.endsWith('.md'))
  return sources.flatMap((file) => looseExamples(file, readFileSync(join(root, file), 'utf8')))
}

/**
 * The documents, and the sources of the packages.
 *
 * @param {string} root
 * @returns {string[]}
 */
function listSources(root) {
  const documents = readdirSync(root)
    .filter((name) => name.endsWith('.md'))
    .sort()
  return [
    ...documents,
    ...listFiles(root, 'docs', ['.md']),
    ...listWorkspaces(root).flatMap(({ kind, folder }) => [
      ...(existsSync(join(root, folder, 'README.md')) ? [`${folder}/README.md`] : []),
      ...(kind === 'packages' ? listFiles(root, `${folder}/src`, ['.ts', '.tsx']) : []),
    ]),
  ]
}

/**
 * Examples of doc comments that are not in a TypeScript block, so that nothing compiles them.
 *
 * @param {string} file
 * @param {string} text
 * @returns {string[]}
 */
export function looseExamples(file, text) {
  const lines = text.split('\n')
  return lines.flatMap((line, at) => {
    if (!/^[ \t]*\* @example\b/.test(line)) return []
    const next = lines.slice(at + 1).find((one) => !/^[ \t]*\*?[ \t]*$/.test(one)) ?? ''
    return FENCE.test(next) ? [] : [`${file}:${at + 1}: The example is not in a TypeScript block.`]
  })
}

/**
 * Compiles blocks against the source of the packages, each as a module of its own. A block whose first line is a comment with
 * a file name, such as `// bff.ts`, can be imported by the others of its document.
 *
 * @param {string} root
 * @param {readonly Block[]} blocks
 * @returns {string[]} what is wrong, with the document's own line numbers
 */
export function compileBlocks(root, blocks) {
  const folder = join(root, '.tools/docs-code')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(join(folder, 'node_modules'), { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "type": "module", "private": true }\n')
  for (const workspace of listWorkspaces(root)) {
    link(join(root, workspace.folder), join(folder, 'node_modules', workspace.name))
    linkDependencies(join(root, workspace.folder), join(folder, 'node_modules'))
  }

  /** @type {Map<string, Block>} */
  const written = new Map()
  for (const block of blocks) {
    const own = join(folder, block.file.replace(/[^A-Za-z0-9]+/g, '-'))
    const named = join(
      own,
      /^\/\/ ((?:[\w/-]|\[+\.*\w+\]+)+\.tsx?)$/m.exec(block.code.split('\n', 1)[0] ?? '')?.[1] ?? '',
    )
    const path = named === own || written.has(named) ? join(own, `${block.line}.${block.language}`) : named
    mkdirSync(dirname(path), { recursive: true })
    // Blank lines in front keep the document's line numbers.
    writeFileSync(path, `${'\n'.repeat(block.line - 1)}${block.code}\nexport {}\n`)
    written.set(path, block)
  }
  const program = ts.createProgram([...written.keys()], compilerOptions(root))
  return ts.getPreEmitDiagnostics(program).flatMap(({ file, start = 0, messageText }) => {
    // Errors of the packages themselves are for `typecheck` to tell.
    const block = file && written.get(file.fileName)
    if (!block) return []
    const line = file.getLineAndCharacterOfPosition(start).line + 1
    return [`${block.file}:${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n  ')}`]
  })
}

/** @param {string} root */
function compilerOptions(root) {
  const base = ts.readConfigFile(join(root, 'tsconfig.base.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent({ ...base.config, files: [] }, ts.sys, root)
  const typeRoots = [join(root, 'node_modules/@types'), join(root, 'packages/store-sql/node_modules')]
  // An example may leave a name unused and write process.env.NAME.
  const relaxed = {
    noUnusedLocals: false,
    noUnusedParameters: false,
    noPropertyAccessFromIndexSignature: false,
    experimentalDecorators: true,
  }
  // What only workerd has, such as `cloudflare:workers`.
  const types = [...(options.types ?? []), '@cloudflare/workers-types']
  return { ...options, ...relaxed, typeRoots, types, jsx: ts.JsxEmit.Preserve }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL('..', import.meta.url))
  const blocks = findBlocks(root)
  const problems = [...findLooseExamples(root), ...compileBlocks(root, blocks)]
  for (const problem of problems) console.error(problem)
  console.log(`${blocks.length} code blocks, ${problems.length} errors`)
  if (problems.length > 0) process.exitCode = 1
}
