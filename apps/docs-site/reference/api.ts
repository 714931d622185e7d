import { dirname, resolve } from 'node:path'
import ts from 'typescript'
import { type Entry, packageName } from './entries.ts'

/** The Markdown page of each entry: what it exports, with its doc comments and its declaration. */
export function apiPages(entries: readonly Entry[]): Map<Entry, string> {
  const program = ts.createProgram(
    entries.map(({ file }) => file),
    OPTIONS,
    ownFilesOnly(),
  )
  const checker = program.getTypeChecker()
  return new Map(
    entries.map((entry) => {
      const source = program.getSourceFile(entry.file)
      const module = source && checker.getSymbolAtLocation(source)
      if (source === undefined || module === undefined) throw new Error(`${entry.file} exports nothing.`)
      const symbols = checker.getExportsOfModule(module).map((symbol) => ({
        name: symbol.name,
        real: symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol,
      }))
      return [entry, page(entry, introductionOf(source), symbols)]
    }),
  )
}

const OPTIONS: ts.CompilerOptions = {
  allowImportingTsExtensions: true,
  jsx: ts.JsxEmit.Preserve,
  noEmit: true,
  noLib: true,
  target: ts.ScriptTarget.ES2022,
  types: [],
}

/** Reads the files of the packages and no others: the declarations of libraries would take ten times as long. */
function ownFilesOnly(): ts.CompilerHost {
  const host = ts.createCompilerHost(OPTIONS)
  host.resolveModuleNameLiterals = (literals, from) =>
    literals.map(({ text }) => ({
      resolvedModule: text.startsWith('.')
        ? {
            resolvedFileName: resolve(dirname(from), text),
            extension: text.endsWith('x') ? ts.Extension.Tsx : ts.Extension.Ts,
          }
        : undefined,
    }))
  return host
}

interface Exported {
  readonly name: string
  readonly real: ts.Symbol
}

function page({ entry }: Entry, introduction: string, symbols: readonly Exported[]): string {
  const { Value } = ts.SymbolFlags
  const sections = [
    section(
      'Functions and values',
      symbols.filter(({ real }) => (real.flags & Value) !== 0),
    ),
    section(
      'Types',
      symbols.filter(({ real }) => (real.flags & Value) === 0),
    ),
  ]
  return [
    `# ${packageName(entry)}`,
    introduction,
    `\`\`\`ts\nimport { … } from '${packageName(entry)}'\n\`\`\``,
    ...sections,
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n')
}

function section(title: string, symbols: readonly Exported[]): string {
  if (symbols.length === 0) return ''
  const parts = symbols.toSorted((one, other) => one.name.localeCompare(other.name)).map(symbolText)
  return [`## ${title}`, ...parts].join('\n\n')
}

function symbolText({ name, real }: Exported): string {
  const declarations = (real.declarations ?? []).filter((node) => !isImplementation(node, real))
  const comments = declarations.map(commentOf).filter((text) => text !== '')
  const code = declarations.map(declarationText).filter((text) => text !== '')
  return [`### ${name}`, comments.join('\n\n'), `\`\`\`ts\n${code.join('\n')}\n\`\`\``]
    .filter((part) => part !== '')
    .join('\n\n')
}

/** The implementation behind overloads is no signature of its own. */
const isImplementation = (node: ts.Declaration, { declarations = [] }: ts.Symbol): boolean =>
  ts.isFunctionDeclaration(node) &&
  node.body !== undefined &&
  declarations.filter(ts.isFunctionDeclaration).length > 1

function declarationText(node: ts.Declaration): string {
  if (ts.isFunctionDeclaration(node)) return beforeBody(node)
  if (ts.isVariableDeclaration(node)) return variableText(node)
  if (ts.isClassDeclaration(node)) return classText(node)
  return plain(node.getText())
}

const plain = (text: string): string => text.replace(/^export (?:default )?(?:declare )?/, '').trimEnd()

function beforeBody(node: ts.FunctionLikeDeclaration): string {
  const text = node.getText()
  return plain(node.body === undefined ? text : text.slice(0, node.body.getStart() - node.getStart()))
    .replace(/^async /, '')
    .trimEnd()
}

function variableText(node: ts.VariableDeclaration): string {
  const { initializer } = node
  const name = `const ${node.name.getText()}`
  if (node.type !== undefined) return `${name}: ${node.type.getText()}`
  if (initializer === undefined) return name
  if (ts.isArrowFunction(initializer) || ts.isFunctionExpression(initializer))
    return `${name} = ${beforeBody(initializer)}`
  const text = initializer.getText()
  return text.split('\n').length > 12 ? name : `${name} = ${text}`
}

function classText(node: ts.ClassDeclaration): string {
  const [first] = node.members
  const head = node.getText().slice(0, (first ?? node).getFullStart() - node.getStart())
  const members = node.members
    .filter((member) => (ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Private) === 0)
    .filter((member) => member.name === undefined || !ts.isPrivateIdentifier(member.name))
    .map((member) => {
      const comment = leadingComment(member)
      const text =
        ts.isFunctionLike(member) && 'body' in member && member.body !== undefined
          ? beforeBody(member as ts.MethodDeclaration)
          : member.getText()
      return `${comment === '' ? '' : `  ${comment}\n`}  ${text}`
    })
  return `${plain(head)}\n${members.join('\n')}\n}`
}

function leadingComment(node: ts.Node): string {
  const text = node.getSourceFile().text
  return (ts.getLeadingCommentRanges(text, node.pos) ?? [])
    .map(({ pos, end }) => text.slice(pos, end))
    .filter((comment) => comment.startsWith('/**'))
    .join('\n  ')
}

/** The comment of a whole entry: the first one, which is marked `@module`. */
function introductionOf(source: ts.SourceFile): string {
  const [, text = ''] = /^\/\*\*((?:(?!\*\/)[\s\S])*?@module[\s\S]*?)\*\//.exec(source.text) ?? []
  return markdown(text.replaceAll(/^[ \t]*\* ?/gm, '').replaceAll(/^@module.*$/gm, '')).trim()
}

function commentOf(node: ts.Declaration): string {
  const owner = ts.isVariableDeclaration(node) ? node.parent.parent : node
  const comments = ts.getJSDocCommentsAndTags(owner).filter(ts.isJSDoc)
  const parts = comments.flatMap((comment) => [
    markdown(ts.getTextOfJSDocComment(comment.comment) ?? ''),
    ...(comment.tags ?? []).map(tagText),
  ])
  return parts.filter((part) => part !== '').join('\n\n')
}

function tagText(tag: ts.JSDocTag): string {
  const text = markdown(ts.getTextOfJSDocComment(tag.comment) ?? '').trim()
  if (ts.isJSDocParameterTag(tag)) return `- \`${tag.name.getText()}\`: ${text}`
  const titles: Readonly<Record<string, string>> = {
    throws: 'Throws',
    returns: 'Returns',
    default: 'Default:',
    see: 'See',
    deprecated: 'Deprecated:',
    example: 'Example',
  }
  const title = titles[tag.tagName.text]
  if (title === undefined) return ''
  return title === 'Example' ? `**Example**\n\n${text}` : `**${title}** ${text}`
}

/** A doc comment as Markdown of the site: links as code, no HTML outside of code. */
function markdown(text: string): string {
  return text
    .replaceAll(
      /\{@link(?:code)? ([^}|]+?)(?: ?\| ?([^}]+))?\}/g,
      (_, target: string, label?: string) => `\`${label ?? target}\``,
    )
    .split(/(```[\s\S]*?```|`[^`]*`)/)
    .map((part, at) => (at % 2 === 1 ? part : part.replaceAll('<', '&lt;').replaceAll('{{', '&#123;&#123;')))
    .join('')
}
