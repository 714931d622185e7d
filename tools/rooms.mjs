import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import ts from 'typescript'
import { listFiles, listWorkspaces } from './packages.mjs'

/**
 * The rooms of core, from the lowest to the highest: each imports from those before it. The files of `src` itself put
 * the rooms together, and stand above them.
 */
export const ROOMS = [
  'contracts',
  'internal',
  'session',
  'revocation',
  'refresh',
  'pipeline',
  'sign-in',
  'standard-endpoints',
]
/** What entries share. */
const SHARED = new Set(['contracts', 'internal'])
const CORE = 'packages/core/src'

/** @typedef {ReadonlyMap<string, readonly string[]>} Imports file to the files it imports, both relative to `src` */

/**
 * What each source file of a folder imports of it, types included.
 *
 * @param {string} root
 * @param {string} folder relative to the root
 * @returns {Map<string, string[]>}
 */
function importsWithin(root, folder) {
  return new Map(
    listFiles(root, folder, ['.ts', '.tsx']).map((path) => {
      const file = posix.relative(folder, path)
      const { importedFiles } = ts.preProcessFile(readFileSync(join(root, path), 'utf8'), true, true)
      const targets = importedFiles.map(({ fileName }) => fileName).filter((name) => name.startsWith('.'))
      return [file, targets.map((name) => posix.join(posix.dirname(file), name))]
    }),
  )
}

/** @param {string} file */
const roomOf = (file) => (file.includes('/') ? (file.split('/')[0] ?? '') : '')

/**
 * What breaks the floor plan of core, in sentences.
 *
 * @param {Imports} imports
 * @returns {string[]}
 */
export function roomProblems(imports) {
  const problems = []
  for (const [file, targets] of imports)
    for (const target of targets) {
      const problem = importProblem(file, target)
      if (problem !== null) problems.push(`${CORE}/${file}: imports ${target}. ${problem}`)
    }
  return [...problems, ...mutualRooms(imports), ...circles(CORE, imports)]
}

/**
 * @param {string} file
 * @param {string} target
 * @returns {string | null}
 */
function importProblem(file, target) {
  const [from, to] = [roomOf(file), roomOf(target)]
  if (from === to) return null
  if (from === 'contracts') return 'A contract imports contracts only.'
  const [own, other] = [ROOMS.indexOf(from), ROOMS.indexOf(to)]
  const isEntry = from !== '' && own === -1
  if (SHARED.has(to)) return own === 0 ? 'A contract imports contracts only.' : null
  if (other !== -1) {
    if (isEntry) return `An entry imports contracts/ and internal/; move what it needs of ${to}/ there.`
    return from === '' || other < own ? null : `${from}/ stands below ${to}/: see ROOMS in tools/rooms.mjs.`
  }
  if (to === '') return isEntry && target === 'index.ts' ? null : 'Import the room it is in, or its contract.'
  if (!isEntry) return `The main entry loads no other entry. Move what it needs of ${to}/ to internal/.`
  return target === `${to}/index.ts` ? null : `Import another entry by its door: ${to}/index.ts.`
}

/**
 * Pairs of rooms that import each other.
 *
 * @param {Imports} imports
 */
function mutualRooms(imports) {
  const pairs = new Set()
  for (const [file, targets] of imports)
    for (const target of targets)
      if (roomOf(file) !== roomOf(target)) pairs.add(`${roomOf(file)} ${roomOf(target)}`)
  return [...pairs].flatMap((pair) => {
    const [from = '', to = ''] = pair.split(' ')
    return from < to && pairs.has(`${to} ${from}`)
      ? [
          `${CORE}: ${from || 'src'} and ${to || 'src'} import each other. One of them must not know the other.`,
        ]
      : []
  })
}

/**
 * Circles of files, each told once from its first file.
 *
 * @param {string} folder
 * @param {Imports} imports
 */
export function circles(folder, imports) {
  /** @type {string[]} */
  const problems = []
  const done = new Set()
  /** @param {string} file @param {readonly string[]} path */
  const visit = (file, path) => {
    const at = path.indexOf(file)
    if (at !== -1) {
      problems.push(`${folder}: a circle of imports: ${[...path.slice(at), file].join(' -> ')}.`)
      return
    }
    if (done.has(file)) return
    for (const target of imports.get(file) ?? []) visit(target, [...path, file])
    done.add(file)
  }
  for (const file of imports.keys()) visit(file, [])
  return problems
}

/**
 * Circles of files in the packages and apps. Core is judged with its floor plan.
 *
 * @param {string} root
 * @returns {string[]}
 */
export function circlesOfPackages(root) {
  return listWorkspaces(root)
    .filter(({ kind, short }) => kind !== 'examples' && short !== 'core')
    .map(({ folder }) => `${folder}/src`)
    .flatMap((source) => circles(source, importsWithin(root, source)))
}

/**
 * Types that a public declaration names and no entry exports.
 *
 * @param {readonly string[]} entries absolute paths of the index files
 * @param {string} source absolute path of the folder the types are in
 * @param {ts.Program} [program] one that has the entries
 * @returns {string[]}
 */
export function privateTypes(entries, source, program = programOf(entries, source)) {
  const checker = program.getTypeChecker()
  /** @param {ts.Symbol} symbol */
  const real = (symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol)
  const exported = new Set()
  for (const entry of entries) {
    const file = program.getSourceFile(entry)
    const module = file === undefined ? undefined : checker.getSymbolAtLocation(file)
    for (const symbol of module === undefined ? [] : checker.getExportsOfModule(module))
      exported.add(real(symbol))
  }
  /** @type {Map<string, string>} */
  const problems = new Map()
  for (const symbol of exported)
    for (const declaration of symbol.declarations ?? []) visitTypes(declaration, symbol)
  return [...problems.values()].sort()

  /** @param {ts.Node} node @param {ts.Symbol} owner */
  function visitTypes(node, owner) {
    if (ts.isBlock(node)) return
    if (ts.isVariableDeclaration(node) || ts.isPropertyDeclaration(node)) {
      if (node.type !== undefined) visitTypes(node.type, owner)
      return
    }
    const name = ts.isTypeReferenceNode(node)
      ? node.typeName
      : ts.isExpressionWithTypeArguments(node)
        ? node.expression
        : null
    const found = name === null ? undefined : checker.getSymbolAtLocation(name)
    if (found !== undefined) {
      const symbol = real(found)
      const [first] = symbol.declarations ?? []
      const isOurs =
        first?.getSourceFile().fileName.startsWith(source) && !ts.isTypeParameterDeclaration(first)
      if (isOurs && !exported.has(symbol))
        problems.set(
          `${owner.name} ${symbol.name}`,
          `${owner.name} names ${symbol.name}, which no entry exports. Export it, or leave it out of the signature.`,
        )
    }
    ts.forEachChild(node, (child) => visitTypes(child, owner))
  }
}

/**
 * @param {readonly string[]} entries
 * @param {string} source
 */
const programOf = (entries, source) =>
  ts.createProgram([...entries], { ...compilerOptions(source), noEmit: true, skipLibCheck: true })

/** @param {string} source */
function compilerOptions(source) {
  const file = ts.findConfigFile(source, ts.sys.fileExists)
  if (file === undefined) return {}
  const { config } = ts.readConfigFile(file, ts.sys.readFile)
  return ts.parseJsonConfigFileContent(config, ts.sys, posix.dirname(file)).options
}

/**
 * Types that a public declaration of a package names, and no entry of it exports. Core is judged with its floor plan.
 *
 * @param {string} root
 * @returns {string[]}
 */
export function privateTypesOfPackages(root) {
  const packages = readdirSync(join(root, 'packages')).flatMap((name) => {
    const folder = join(root, 'packages', name)
    /** @type {{ exports?: Record<string, string | Record<string, string>> }} */
    const { exports = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    const entries = Object.values(exports).flatMap((target) => {
      const source = typeof target === 'string' ? undefined : target['@bff/source']
      return source === undefined ? [] : [join(folder, source)]
    })
    return name === 'core' || entries.length === 0 ? [] : [{ name, entries, source: join(folder, 'src') }]
  })
  const program = programOf(
    packages.flatMap(({ entries }) => entries),
    join(root, 'packages/client/src'),
  )
  return packages.flatMap(({ name, entries, source }) =>
    privateTypes(entries, source, program).map((problem) => `${name}: ${problem}`),
  )
}

/**
 * Everything in core that breaks its floor plan.
 *
 * @param {string} root
 */
export function floorPlanProblems(root) {
  const { exports } = JSON.parse(readFileSync(join(root, 'packages/core/package.json'), 'utf8'))
  const entries = Object.values(exports).flatMap((target) =>
    typeof target === 'string' ? [] : [join(root, 'packages/core', target['@bff/source'])],
  )
  return [...roomProblems(importsWithin(root, CORE)), ...privateTypes(entries, join(root, CORE))]
}
