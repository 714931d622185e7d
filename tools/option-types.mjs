import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
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
 * A type of options, and what takes it: public functions, or options of other such types.
 *
 * @typedef {{ name: string, takers: Set<string>, options: readonly Option[] }} OptionType
 */

const IS_OPTIONS = /(?:Options|Config|Hooks|ProxyRoute)$/

/**
 * The source of every entry of every package. The options of testkits and of `@bff/testing` are for tests, and in their READMEs.
 *
 * @param {string} root
 */
function entries(root) {
  return readdirSync(join(root, 'packages'))
    .filter((name) => !name.endsWith('-testkit') && name !== 'testing')
    .flatMap((name) => {
      const folder = join(root, 'packages', name)
      /** @type {{ exports?: Record<string, string | { '@bff/source'?: string }> }} */
      const { exports = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
      return Object.values(exports).flatMap((entry) => {
        const source = typeof entry === 'string' ? undefined : entry['@bff/source']
        return source === undefined ? [] : [join(folder, source)]
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
  const files = entries(root)
  const program = ts.createProgram(files, ts.convertCompilerOptionsFromJson(settings, root).options)
  const checker = program.getTypeChecker()
  /** @type {Map<string, OptionType>} */
  const found = new Map()

  /**
   * The types of options among a type's parts.
   *
   * @param {ts.Type} type
   * @returns {Array<readonly [string, ts.Type]>}
   */
  const among = (type) =>
    (type.isUnion() ? type.types : [type]).flatMap((part) => {
      const [element] = checker.isArrayType(part)
        ? checker.getTypeArguments(/** @type {ts.TypeReference} */ (part))
        : []
      const one = element ?? part
      const symbol = one.aliasSymbol ?? one.getSymbol()
      if (symbol === undefined || !IS_OPTIONS.test(symbol.name) || !isOurs(symbol, root)) return []
      return [[symbol.name, one]]
    })

  /**
   * @param {ts.Type} type
   * @param {string} taker
   */
  function visit(type, taker) {
    for (const [name, one] of among(type)) {
      const known = found.get(name)
      if (known !== undefined) {
        known.takers.add(taker)
        continue
      }
      const options = one.getProperties()
      found.set(name, { name, takers: new Set([taker]), options: options.map(optionOf) })
      for (const option of options) visit(checker.getTypeOfSymbol(option), option.name)
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
      section: among(checker.getTypeOfSymbol(symbol))[0]?.[0] ?? null,
    }
  }

  for (const file of files) {
    const source = program.getSourceFile(file)
    const module = source && checker.getSymbolAtLocation(source)
    for (const exported of module === undefined ? [] : checker.getExportsOfModule(module)) {
      const { Alias, Value } = ts.SymbolFlags
      const symbol = exported.flags & Alias ? checker.getAliasedSymbol(exported) : exported
      if ((symbol.flags & Value) === 0) continue
      for (const signature of checker.getTypeOfSymbol(symbol).getCallSignatures())
        for (const parameter of signature.parameters) visit(checker.getTypeOfSymbol(parameter), exported.name)
    }
  }
  return found
}

/**
 * @param {ts.Symbol} symbol
 * @param {string} root
 */
const isOurs = (symbol, root) =>
  symbol.declarations?.some((declaration) => {
    const { fileName } = declaration.getSourceFile()
    return fileName.startsWith(join(root, 'packages/')) && !fileName.includes('/node_modules/')
  }) ?? false
