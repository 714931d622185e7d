import { cpSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { listFiles } from './packages.mjs'
import { Failure } from './process.mjs'

const ENDINGS = ['.ts', '.json', '.md']
/** What installing and building leave in a package; none of it is the template's. */
const LEFTOVERS = ['node_modules', 'dist', 'coverage', '.turbo', 'CHANGELOG.md']

/**
 * @typedef {{ name: string, camel: string, pascal: string }} Names as in `cloudflare-kv`, `cloudflareKv`, `CloudflareKv`
 * @typedef {{
 *   template: string, without?: readonly string[], folder: (name: string) => string, hint: string,
 *   rename: (names: Names) => (text: string) => string,
 *   description: (name: string) => string, changes: (name: string) => string,
 *   row: (names: Names, table: string) => string
 * }} Kind
 *   `template` and `folder` are names below packages; `without` are files of the template that are about itself alone;
 *   `row` puts the package's row into the table of tools/boundaries.mjs; `hint` tells how to ask for one; `rename` puts the new names in place of the template's, in names only: prose stays
 */

/**
 * Makes a package from a template, under its own names, with a changeset and a row in the table of who may import what.
 *
 * @param {string} root
 * @param {string} name such as `mongodb` or `cloudflare-kv`
 * @param {Kind} kind
 * @returns {string} its folder, relative to the root
 */
export function createPackage(root, name, kind) {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
    throw new Failure(`Give it a name in lower case: ${kind.hint}`)
  const short = kind.folder(name)
  const folder = `packages/${short}`
  if (existsSync(join(root, folder))) throw new Failure(`${folder} exists already. Choose another name.`)
  copyTemplate(join(root, 'packages', kind.template), join(root, folder), kind.without ?? [])
  const rename = kind.rename(namesOf(name))
  for (const file of listFiles(root, folder, ENDINGS)) {
    writeFileSync(join(root, file), rename(readFileSync(join(root, file), 'utf8')))
    const renamed = folder + rename(file.slice(folder.length))
    if (renamed !== file) renameSync(join(root, file), join(root, renamed))
  }
  describe(join(root, folder, 'package.json'), kind, name)
  const changeset = `---\n'@bff/${short}': major\n---\n\n${kind.changes(name)}\n`
  writeFileSync(join(root, `.changeset/${short}.md`), changeset)
  const table = join(root, 'tools/boundaries.mjs')
  writeFileSync(table, kind.row(namesOf(name), readFileSync(table, 'utf8')))
  return folder
}

/**
 * @param {string} from
 * @param {string} to
 * @param {readonly string[]} without
 */
function copyTemplate(from, to, without) {
  const left = [...LEFTOVERS, ...without]
  cpSync(from, to, {
    recursive: true,
    filter: (source) => !left.includes(source.slice(from.length + 1).replaceAll('\\', '/')),
  })
}

/**
 * @param {string} name
 * @returns {Names}
 */
export function namesOf(name) {
  const pascal = name.replaceAll(/(?:^|-)([a-z0-9])/g, (_, letter) => letter.toUpperCase())
  return { name, camel: pascal.charAt(0).toLowerCase() + pascal.slice(1), pascal }
}

/**
 * @param {string} file
 * @param {Kind} kind
 * @param {string} name
 */
function describe(file, { template, description }, name) {
  const manifest = JSON.parse(readFileSync(file, 'utf8'))
  /** @type {string[]} */
  const words = manifest.keywords
  const keywords = words.map((word) => (word === template.replace('store-', '') ? name : word))
  const described = { ...manifest, version: '0.0.0', description: description(name), keywords }
  writeFileSync(file, `${JSON.stringify(described, null, 2)}\n`)
}
