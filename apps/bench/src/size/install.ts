import { existsSync, lstatSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Bytes of a set of packages in `node_modules`, each package once. */
export interface InstallSize {
  readonly packages: number
  readonly bytes: number
}

interface Manifest {
  readonly files?: readonly string[]
  readonly version?: string
  readonly dependencies?: Record<string, string>
  readonly optionalDependencies?: Record<string, string>
  readonly peerDependencies?: Record<string, string>
  readonly peerDependenciesMeta?: Record<string, { readonly optional?: boolean }>
}

/**
 * Adds up what npm installs for `names`: the packages, their dependencies and the peers they require. Packages of this repository
 * count with the files that they publish; returns `null` for them while they are not built.
 *
 * @param from a folder whose `node_modules` has them
 */
export function installSize(names: readonly string[], from: string): InstallSize | null {
  const folders = new Set<string>()
  const waiting = names.map((name) => folderOf(name, from))
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    if (folder === null || folders.has(folder)) continue
    folders.add(folder)
    for (const name of neededBy(manifestIn(folder))) waiting.push(folderOf(name, folder))
  }
  let bytes = 0
  for (const folder of folders) {
    const { files } = manifestIn(folder)
    const isOurs = !folder.includes('/node_modules/')
    if (isOurs && !existsSync(join(folder, 'dist'))) return null
    bytes += isOurs
      ? (files ?? []).reduce((total, file) => total + bytesOf(join(folder, file.split('/')[0] ?? '')), 0)
      : bytesOf(folder)
  }
  return { packages: folders.size, bytes }
}

const manifestIn = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))

function neededBy(manifest: Manifest): string[] {
  const { dependencies, optionalDependencies, peerDependencies = {}, peerDependenciesMeta = {} } = manifest
  const peers = Object.keys(peerDependencies).filter((name) => peerDependenciesMeta[name]?.optional !== true)
  return [...Object.keys({ ...dependencies, ...optionalDependencies }), ...peers]
}

/** Its real folder, or `null` for one that is not installed, as those for other systems. */
function folderOf(name: string, from: string): string | null {
  for (let at = realpathSync(from); ; at = dirname(at)) {
    const folder = join(at, 'node_modules', name)
    if (existsSync(folder)) return realpathSync(folder)
    if (at === dirname(at)) return null
  }
}

function bytesOf(path: string): number {
  if (!existsSync(path)) return 0
  const stats = lstatSync(path)
  if (stats.isSymbolicLink()) return 0
  if (!stats.isDirectory()) return stats.size
  const entries = readdirSync(path).filter((name) => name !== 'node_modules')
  return entries.reduce((total, name) => total + bytesOf(join(path, name)), 0)
}
