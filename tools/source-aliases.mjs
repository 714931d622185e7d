import { join } from 'node:path'
import { listWorkspaces } from './packages.mjs'
import { root } from './process.mjs'

/**
 * The source of each entry of this workspace's packages, by name, the longest first: for tools that know aliases and no export
 * conditions of ours.
 *
 * @returns {Record<string, string>}
 */
export function sourceAliases() {
  const entries = listWorkspaces(root).flatMap(({ kind, folder, name, manifest }) =>
    Object.entries(kind === 'packages' ? (manifest.exports ?? {}) : {}).flatMap(([entry, target]) =>
      typeof target === 'object' && target !== null && '@bff/source' in target
        ? [[name + entry.slice(1), join(root, folder, String(target['@bff/source']))]]
        : [],
    ),
  )
  return Object.fromEntries(entries.sort(([one = ''], [other = '']) => other.length - one.length))
}
