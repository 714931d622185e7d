import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

/** One option: its name, and the text of its `@default`, or `null`. */
export interface Option {
  readonly name: string
  readonly default: string | null
}

/** A type of options, and what takes it: public functions, or options of other such types. */
export interface OptionType {
  readonly name: string
  readonly takers: Set<string>
  readonly options: readonly Option[]
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const IS_OPTIONS = /(?:Options|Config|Hooks|ProxyRoute)$/

interface Manifest {
  readonly exports?: Readonly<Record<string, string | { readonly '@bff/source'?: string }>>
}

/** The source of every entry of every package. The testkits' options are for tests, and in their READMEs. */
function entries(): string[] {
  return readdirSync(`${ROOT}/packages`)
    .filter((name) => !name.endsWith('-testkit'))
    .flatMap((name) => {
      const folder = `${ROOT}/packages/${name}`
      const { exports = {} } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')) as Manifest
      return Object.values(exports).flatMap((entry) => {
        const source = typeof entry === 'string' ? undefined : entry['@bff/source']
        return source === undefined ? [] : [`${folder}/${source}`]
      })
    })
}

/** Every type of options that a function of a package's entry takes, and those of which they are made. */
export function optionTypes(): Map<string, OptionType> {
  const { config } = ts.readConfigFile(`${ROOT}/tsconfig.base.json`, (path) => readFileSync(path, 'utf8'))
  const settings = { ...config.compilerOptions, jsx: 'react-jsx', types: ['node'] }
  const files = entries()
  const program = ts.createProgram(files, ts.convertCompilerOptionsFromJson(settings, ROOT).options)
  const checker = program.getTypeChecker()
  const found = new Map<string, OptionType>()

  function visit(type: ts.Type, taker: string): void {
    for (const part of type.isUnion() ? type.types : [type]) {
      const [element] = checker.isArrayType(part) ? checker.getTypeArguments(part as ts.TypeReference) : []
      const one = element ?? part
      const symbol = one.aliasSymbol ?? one.getSymbol()
      if (symbol === undefined || !IS_OPTIONS.test(symbol.name) || !isOurs(symbol)) continue
      const known = found.get(symbol.name)
      if (known !== undefined) {
        known.takers.add(taker)
        continue
      }
      const options = one.getProperties()
      found.set(symbol.name, { name: symbol.name, takers: new Set([taker]), options: options.map(optionOf) })
      for (const option of options) visit(checker.getTypeOfSymbol(option), option.name)
    }
  }

  function optionOf(symbol: ts.Symbol): Option {
    const tag = symbol.getJsDocTags(checker).find(({ name }) => name === 'default')
    return { name: symbol.name, default: tag === undefined ? null : ts.displayPartsToString(tag.text) }
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

const isOurs = (symbol: ts.Symbol): boolean =>
  symbol.declarations?.some((declaration) => {
    const { fileName } = declaration.getSourceFile()
    return fileName.startsWith(`${ROOT}packages/`) && !fileName.includes('/node_modules/')
  }) ?? false
