import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import ts from 'typescript'
import { root as workspaceRoot } from './process.mjs'

/**
 * One option, as its doc comment describes it.
 *
 * @typedef {object} Option
 * @property {string} name
 * @property {boolean} isRequired
 * @property {string | null} default the text of its `@default`
 * @property {string} meaning the paragraphs before its `@default`
 * @property {string | null} section the type of options that it takes, if it is one
 */

/**
 * A type of options, and what takes it: public functions, or options of other such types. `entries` has the entries of
 * those functions, such as `./pg`; `isForTests` says that its package is for tests.
 *
 * @typedef {object} OptionType
 * @property {string} name
 * @property {Set<string>} takers
 * @property {Set<string>} entries
 * @property {boolean} isForTests
 * @property {readonly Option[]} options
 */

const IS_OPTIONS = /(?:Options|Config|Hooks|ProxyRoute)$/

/** Packages whose options are for tests: their READMEs have them, and docs/configuration.md does not. */
const IS_FOR_TESTS = /-testkit$|^testing$/

/**
 * Every entry of every package, with its source.
 *
 * @param {string} root
 */
function entriesOf(root) {
  return readdirSync(join(root, 'packages')).flatMap((name) => {
    const folder = join(root, 'packages', name)
    /** @type {{ exports?: Record<string, string | { '@bff/source'?: string }> }} */
    const { exports = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    return Object.entries(exports).flatMap(([entry, paths]) => {
      const source = typeof paths === 'string' ? undefined : paths['@bff/source']
      return source === undefined ? [] : [{ entry, file: join(folder, source) }]
    })
  })
}

/**
 * Every type of options that a function of a package's entry takes, and those of which they are made.
 *
 * @param {string} [root]
 * @returns {Map<string, OptionType>}
 */
export function optionTypes(root = workspaceRoot) {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.base.json'), (path) => readFileSync(path, 'utf8'))
  const settings = { ...config.compilerOptions, jsx: 'react-jsx', types: ['node'] }
  const entries = entriesOf(root)
  const files = entries.map(({ file }) => file)
  const program = ts.createProgram(files, ts.convertCompilerOptionsFromJson(settings, root).options)
  const checker = program.getTypeChecker()
  /** @type {Map<string, OptionType>} */
  const found = new Map()
  /** @type {Map<string, ts.Symbol>} */
  const symbols = new Map()

  /**
   * The types of options among a type's parts.
   *
   * @param {ts.Type} type
   * @returns {Array<readonly [ts.Symbol, ts.Type]>}
   */
  const among = (type) =>
    (type.isUnion() ? type.types : [type]).flatMap((part) => {
      const [element] = checker.isArrayType(part)
        ? checker.getTypeArguments(/** @type {ts.TypeReference} */ (part))
        : []
      const one = element ?? part
      const symbol = one.aliasSymbol ?? one.getSymbol()
      if ((one.flags & ts.TypeFlags.TypeParameter) !== 0) return []
      if (symbol === undefined || !IS_OPTIONS.test(symbol.name) || packageOf(symbol, root) === null) return []
      return [[symbol, one]]
    })

  /**
   * @param {ts.Type} type
   * @param {string} taker
   * @param {string} entry
   */
  function visit(type, taker, entry) {
    for (const [symbol, one] of among(type)) {
      const { name } = symbol
      const known = found.get(name)
      if (known !== undefined && symbols.get(name) !== symbol)
        throw new Error(`Two types of options have the name ${name}. Rename one.`)
      known?.takers.add(taker)
      known?.entries.add(entry)
      if (known !== undefined) continue
      const options = one.getProperties()
      symbols.set(name, symbol)
      found.set(name, {
        name,
        takers: new Set([taker]),
        entries: new Set([entry]),
        isForTests: IS_FOR_TESTS.test(packageOf(symbol, root) ?? ''),
        options: options.map(optionOf),
      })
      for (const option of options) visit(checker.getTypeOfSymbol(option), option.name, entry)
    }
  }

  /**
   * @param {ts.Symbol} symbol
   * @returns {Option}
   */
  function optionOf(symbol) {
    const tag = symbol.getJsDocTags(checker).find(({ name }) => name === 'default')
    return {
      name: symbol.name,
      isRequired: (symbol.flags & ts.SymbolFlags.Optional) === 0,
      default: tag === undefined ? null : ts.displayPartsToString(tag.text),
      meaning: ts.displayPartsToString(symbol.getDocumentationComment(checker)),
      section: among(checker.getTypeOfSymbol(symbol))[0]?.[0].name ?? null,
    }
  }

  for (const { file, entry } of entries) {
    const source = program.getSourceFile(file)
    const module = source && checker.getSymbolAtLocation(source)
    for (const exported of module === undefined ? [] : checker.getExportsOfModule(module)) {
      const { Alias, Value } = ts.SymbolFlags
      const symbol = exported.flags & Alias ? checker.getAliasedSymbol(exported) : exported
      if ((symbol.flags & Value) === 0) continue
      for (const signature of checker.getTypeOfSymbol(symbol).getCallSignatures())
        for (const parameter of signature.parameters)
          visit(checker.getTypeOfSymbol(parameter), exported.name, entry)
    }
  }
  return found
}

/**
 * The folder of the package that declares a type; `null` for a type of a dependency.
 *
 * @param {ts.Symbol} symbol
 * @param {string} root
 */
function packageOf(symbol, root) {
  const files = symbol.declarations?.map((declaration) => declaration.getSourceFile().fileName) ?? []
  const ours = files.find(
    (file) => file.startsWith(join(root, 'packages/')) && !file.includes('/node_modules/'),
  )
  return ours === undefined ? null : (relative(join(root, 'packages'), ours).split(sep)[0] ?? null)
}
