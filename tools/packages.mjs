import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
} from 'node:fs'
import { dirname, join, relative } from 'node:path'

/**
 * @typedef {{
 *   folder: string, kind: 'packages' | 'apps' | 'examples', short: string, name: string, manifest: Manifest
 * }} Workspace `folder` is relative to the root
 * @typedef {{
 *   name: string, private?: boolean, version?: string, exports?: Record<string, unknown>,
 *   dependencies?: Record<string, string>, peerDependencies?: Record<string, string>,
 *   devDependencies?: Record<string, string>, publishConfig?: { exports?: Record<string, unknown> },
 *   scripts?: Record<string, string>
 * }} Manifest
 */

/**
 * The packages, apps and examples of the workspace, by folder name.
 *
 * @param {string} root
 * @returns {Workspace[]}
 */
export function listWorkspaces(root) {
  return /** @type {const} */ (['packages', 'apps', 'examples']).flatMap((kind) =>
    foldersOf(join(root, kind)).flatMap((short) => {
      const path = join(root, kind, short, 'package.json')
      if (!existsSync(path)) return []
      const manifest = /** @type {Manifest} */ (JSON.parse(readFileSync(path, 'utf8')))
      return [{ folder: `${kind}/${short}`, kind, short, name: manifest.name, manifest }]
    }),
  )
}

/** @param {string} path */
function foldersOf(path) {
  if (!existsSync(path)) return []
  const entries = readdirSync(path, { withFileTypes: true })
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
}

/**
 * Every file under `folder` whose name ends in one of `endings`, relative to `root`, in a stable order.
 *
 * @param {string} root
 * @param {string} folder relative to the root; may be missing
 * @param {readonly string[]} endings
 * @returns {string[]}
 */
export function listFiles(root, folder, endings) {
  const path = join(root, folder)
  if (!existsSync(path)) return []
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((file) => !/(^|\/)(node_modules|dist)\//.test(file))
    .sort()
}

/**
 * Links what a package depends on into another node_modules; what is there already stays.
 *
 * @param {string} folder of the package
 * @param {string} modules
 */
export function linkDependencies(folder, modules) {
  const own = join(folder, 'node_modules')
  if (!existsSync(own)) return
  for (const name of dependenciesIn(own)) link(realpathSync(join(own, name)), join(modules, name))
}

/** @param {string} modules */
function dependenciesIn(modules) {
  return readdirSync(modules)
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) =>
      name.startsWith('@') ? readdirSync(join(modules, name)).map((part) => `${name}/${part}`) : [name],
    )
}

/**
 * @param {string} to
 * @param {string} from
 */
export function link(to, from) {
  if (lstatSync(from, { throwIfNoEntry: false })) return
  mkdirSync(dirname(from), { recursive: true })
  symlinkSync(to, from, 'dir')
}
