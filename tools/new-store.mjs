import { cpSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { listFiles } from './packages.mjs'
import { Failure } from './process.mjs'

const TEMPLATE = 'packages/store-memory'
const ENDINGS = ['.ts', '.json', '.md']
/** What installing and building leave in a package; none of it is the template's. */
const LEFTOVERS = ['node_modules', 'dist', 'coverage', '.turbo', 'CHANGELOG.md']

/**
 * Makes a package `store-<name>` from the in-memory store, under its own names, with a changeset.
 *
 * @param {string} root
 * @param {string} name such as `dynamodb` or `cloudflare-kv`
 * @returns {string} its folder, relative to the root
 */
export function createStore(root, name) {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
    throw new Failure('Give the store a name in lower case, such as: pnpm new:store dynamodb')
  }
  const folder = `packages/store-${name}`
  if (existsSync(join(root, folder))) throw new Failure(`${folder} exists already. Choose another name.`)
  cpSync(join(root, TEMPLATE), join(root, folder), {
    recursive: true,
    filter: (source) => !LEFTOVERS.includes(source.slice(join(root, TEMPLATE).length + 1)),
  })
  const rename = renamer(name)
  for (const file of listFiles(root, folder, ENDINGS)) {
    writeFileSync(join(root, file), rename(readFileSync(join(root, file), 'utf8')))
    if (rename(file) !== file) renameSync(join(root, file), join(root, rename(file)))
  }
  describe(root, folder, name)
  writeFileSync(join(root, `.changeset/store-${name}.md`), changeset(name))
  return folder
}

/**
 * Puts the new store's name in place of the template's, in names only: prose keeps its "memory".
 *
 * @param {string} name
 * @returns {(text: string) => string}
 */
function renamer(name) {
  const pascal = name.replaceAll(/(?:^|-)([a-z0-9])/g, (_, letter) => letter.toUpperCase())
  const camel = pascal.charAt(0).toLowerCase() + pascal.slice(1)
  return (text) =>
    text
      .replaceAll('store-memory', `store-${name}`)
      .replaceAll(/\bmemory(?=[A-Z])/g, camel)
      .replaceAll(/Memory(?=[A-Z])/g, pascal)
}

/**
 * @param {string} root
 * @param {string} folder
 * @param {string} name
 */
function describe(root, folder, name) {
  const file = join(root, folder, 'package.json')
  const manifest = JSON.parse(readFileSync(file, 'utf8'))
  manifest.version = '0.0.0'
  manifest.description = `The ${name} session store of @bff/core.`
  writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`)
}

/** @param {string} name */
const changeset = (name) => `---
'@bff/store-${name}': minor
---

Sessions in ${name}.
`
