import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { optionTypes } from './option-types.mjs'
import { root as workspaceRoot } from './process.mjs'

/** @typedef {import('./option-types.mjs').Option} Option */
/** @typedef {import('./option-types.mjs').OptionType} OptionType */

/** The document of all options, to whose sections a row refers. */
const REFERENCE = 'docs/configuration.md'

/**
 * A table between markers: `<!-- options: LoginOptions -->` for all options of a type, and with a list of names behind
 * it, as in `<!-- options: OidcOptions: issuer, clientId -->`, for these. `<!-- options: PoolOptions, FileOptions -->` is
 * one table for functions of several entries: a row names the entries of its option where it is not the same in all.
 */
const BLOCK = /(<!-- options: (\w+(?:, \w+)*)(?:: ([\w, ]+))? -->\n)[\s\S]*?(<!-- \/options -->)/g

/** The head of a table of options that no marker generates. */
const BY_HAND = /^\| Option +\| Default/m

/**
 * The documents that can have tables of options.
 *
 * @param {string} root
 */
function documents(root) {
  const readmes = readdirSync(join(root, 'packages')).map((name) => `packages/${name}/README.md`)
  return [REFERENCE, ...readmes].map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
}

/**
 * @param {string} [root]
 * @returns {string[]} what is wrong, in sentences
 */
export function optionProblems(root = workspaceRoot) {
  const types = optionTypes(root)
  return documents(root).flatMap(({ path, text }) => [
    ...(generated(path, text, types) === text
      ? []
      : [`${path} has a table that is not what the types say now.`]),
    ...(BY_HAND.test(text.replaceAll(BLOCK, ''))
      ? [`${path} has a table of options without a marker. Put <!-- options: … --> before it.`]
      : []),
  ])
}

/** @param {string} [root] */
export function updateOptions(root = workspaceRoot) {
  const types = optionTypes(root)
  const changed = documents(root).filter(({ path, text }) => {
    const current = generated(path, text, types)
    if (current !== text) writeFileSync(join(root, path), current)
    return current !== text
  })
  return changed.map(({ path }) => path)
}

/**
 * The document with its tables as the types say.
 *
 * @param {string} path
 * @param {string} text
 * @param {ReadonlyMap<string, OptionType>} types
 */
export function generated(path, text, types) {
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading)
  return text.replace(BLOCK, (_, begin, /** @type {string} */ typeNames, names, end) => {
    const shown = typeNames.split(', ').map((name) => {
      const type = types.get(name)
      if (type === undefined) throw new Error(`${path}: no function takes options of the type ${name}.`)
      return names === undefined ? type : { ...type, options: chosen(path, type, names.split(/, */)) }
    })
    const rows = merged(path, shown).map((option) => rowOf(option, `${path}: ${typeNames}`, types, headings))
    return `${begin}\n| Option | Default | Meaning |\n| ------ | ------- | ------- |\n${rows.join('\n')}\n\n${end}`
  })
}

/**
 * The options of several types, each once.
 *
 * @param {string} path
 * @param {readonly OptionType[]} types
 * @returns {readonly Option[]}
 */
function merged(path, types) {
  /** @type {Map<string, Option>} */
  const first = new Map()
  for (const option of types.flatMap(({ options }) => options))
    if (!first.has(option.name)) first.set(option.name, option)
  return [...first.values()].map((option) => ({ ...option, meaning: meaningIn(path, option, types) }))
}

/**
 * What an option means, for each meaning with the entries where it has that, unless all have the same.
 *
 * @param {string} path
 * @param {Option} option
 * @param {readonly OptionType[]} types
 */
function meaningIn(path, { name, default: fallback, isRequired, meaning }, types) {
  /** @type {Map<string, string[]>} */
  const entriesOf = new Map()
  for (const { options, entries } of types) {
    const same = options.find((one) => one.name === name)
    if (same === undefined) continue
    if (same.default !== fallback || same.isRequired !== isRequired)
      throw new Error(`${path}: ${name} has different defaults in these types. Write a table for each.`)
    entriesOf.set(same.meaning, [...(entriesOf.get(same.meaning) ?? []), ...entries])
  }
  if (types.every(({ options }) => options.some((one) => one.name === name && one.meaning === meaning)))
    return meaning
  return [...entriesOf]
    .map(([text, entries]) => `(${entries.map((entry) => `\`${entry}\``).join(', ')}) ${text}`)
    .join(' ')
}

/**
 * @param {string} path
 * @param {OptionType} type
 * @param {readonly string[]} names
 */
function chosen(path, { name, options }, names) {
  return names.map((wanted) => {
    const option = options.find((one) => one.name === wanted)
    if (option === undefined) throw new Error(`${path}: ${name} has no option ${wanted}.`)
    return option
  })
}

/**
 * @param {Option} option
 * @param {string} of
 * @param {ReadonlyMap<string, OptionType>} types
 * @param {readonly string[]} headings
 */
function rowOf(option, of, types, headings) {
  const [fallback, rest] = defaultOf(option)
  const takers = option.section === null ? [] : [...(types.get(option.section)?.takers ?? [])]
  const section = headings.find((heading) => heading.split(/, | and /).includes(option.name))
  const see =
    takers.includes(option.name) && section !== undefined ? `See [${section}](#${anchorOf(section)}).` : ''
  const meaning = [listed(option.meaning), rest, see].filter(Boolean).join(' ')
  if (meaning === '')
    throw new Error(`${of}.${option.name} has no doc comment. Say in a sentence what it does.`)
  return `| \`${option.name}\` | ${cell(fallback)} | ${linked(cell(meaning), headings)} |`
}

/**
 * What stands in place of an option that is left out, and what its `@default` says besides.
 *
 * @param {Option} option
 * @returns {readonly [string, string]}
 */
function defaultOf({ default: text, isRequired, section }) {
  if (text === null) return [isRequired ? 'required' : section === null ? 'none' : '', '']
  // The values that an option takes may be a list behind its default.
  const [first = '', ...further] = text.split(/\n\s*\n/)
  const [, value = '', more = ''] = /^([\s\S]*?)(?:\.\s+([A-Z][\s\S]*))?$/.exec(plain(first)) ?? []
  const rest = [more === '' || /[.)]$/.test(more) ? more : `${more}.`, ...further.map(listed)]
    .filter(Boolean)
    .join(' ')
  const literal =
    /^(?:true|false|null|-?[\d_]*\d(?:\.\d+)?|'[^']*'|\[[^\]]*\])(?![\w`])/.exec(value)?.[0] ?? ''
  const code = literal === '' ? value : `\`${literal}\`${value.slice(literal.length)}`
  return [code.replace(/\.$/, ''), rest]
}

/** @param {string} text */
const plain = (text) =>
  text
    .replaceAll(/\{@link (\w+)(?:\.\w+)?\}/g, '`$1`')
    .replaceAll(/\s*\n\s*/g, ' ')
    .trim()

/**
 * A list as sentences.
 *
 * @param {string} paragraph
 */
const listed = (paragraph) => plain(paragraph.replaceAll(/^\s*- /gm, ''))

/** @param {string} text */
const cell = (text) => (text === '' ? ' ' : text.replaceAll('|', '\\|'))

/**
 * Links each function that has a section of its own, once.
 *
 * @param {string} text
 * @param {readonly string[]} headings
 */
function linked(text, headings) {
  const seen = new Set()
  return text.replaceAll(/(?<!\[)`(\w+)\(\)`/g, (code, name) => {
    const heading = headings.find((one) => one.split(/, | and /).includes(name))
    if (heading === undefined || seen.has(name)) return code
    seen.add(name)
    return `[${code}](#${anchorOf(heading)})`
  })
}

/** @param {string} heading */
const anchorOf = (heading) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w -]/g, '')
    .replaceAll(' ', '-')
    .trim()
