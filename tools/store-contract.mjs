import ts from 'typescript'

/**
 * @typedef {{ name: string, parameters: string, returns: string, laws: string[] }} Method
 *   `parameters` with names that begin with an underscore; `laws` as lines of a comment
 * @typedef {{ types: string[], methods: Method[], laws: string[] }} Contract
 *   `types` that the signatures name; `laws` that name no method
 */

/**
 * Laws that are about a method without its name.
 *
 * @type {readonly [beginning: string, methods: readonly string[]][]}
 */
const ABOUT = [
  ['A created record', ['create', 'get']],
  ['A `null` in a patch', ['update']],
  ['Of concurrent updates', ['update']],
  ['No write after a revocation', ['update', 'touch', 'create']],
]

/** Standard types, and those of the language, need no import. */
const GLOBAL = new Set(['Promise'])

/**
 * The methods of a contract of stores, each with the laws that name it, as its source says.
 *
 * @param {string} source
 * @param {string} name of the interface
 * @returns {Contract}
 */
export function contractOf(source, name) {
  const file = ts.createSourceFile(`${name}.ts`, source, ts.ScriptTarget.ES2022, true)
  const found = file.statements.find((node) => ts.isInterfaceDeclaration(node) && node.name.text === name)
  if (found === undefined || !ts.isInterfaceDeclaration(found)) throw new TypeError(`No interface ${name}.`)
  const laws = lawsIn(found.getFullText())
  /** @type {Set<string>} */
  const types = new Set()
  const methods = found.members.filter(ts.isMethodSignature).map((method) => {
    const own = method.name.getText()
    for (const part of [...method.parameters, method.type]) if (part) collectTypes(part, types)
    return {
      name: own,
      parameters: method.parameters.map((parameter) => `_${parameter.getText()}`).join(', '),
      returns: method.type?.getText() ?? 'void',
      laws: laws.filter((law) => isAbout(law, own)).map(({ text }) => text),
    }
  })
  const others = laws.filter((law) => !methods.some((method) => isAbout(law, method.name)))
  return { types: [...types], methods, laws: others.map(({ text }) => text) }
}

/** @typedef {{ says: string, text: string }} Law `text` begins with its id */

/**
 * @param {string} comment
 * @returns {Law[]}
 */
function lawsIn(comment) {
  const lines = comment.split('\n').map((line) => line.replace(/^ *\* ?/, ''))
  return lines
    .join('\n')
    .split(/^(?=- [A-Z]{2}-\d+ )/m)
    .slice(1)
    .map((entry) => {
      const text = entry.split(/\n(?! {2}\S)/, 1)[0] ?? ''
      const line = text.replaceAll(/\s+/g, ' ').trim()
      return { says: line.replace(/^- \S+ /, ''), text: line }
    })
}

/**
 * @param {Law} law
 * @param {string} method
 */
function isAbout({ says }, method) {
  const about = ABOUT.find(([beginning]) => says.startsWith(beginning))?.[1]
  return about?.includes(method) ?? says.includes(`\`${method}\``)
}

/**
 * @param {ts.Node} node
 * @param {Set<string>} types
 */
function collectTypes(node, types) {
  if (ts.isTypeReferenceNode(node) && !GLOBAL.has(node.typeName.getText())) types.add(node.typeName.getText())
  node.forEachChild((child) => collectTypes(child, types))
}
