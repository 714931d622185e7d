import { join } from 'node:path'
import { listWorkspaces } from '../../../tools/packages.mjs'

/** A public entry of a published package: `core/proxy` is `@bff/core/proxy`, whose source is `file`. */
export interface Entry {
  readonly entry: string
  readonly short: string
  readonly file: string
}

/** Every public entry, in the order of the packages' manifests. */
export function listEntries(root: string): Entry[] {
  return listWorkspaces(root)
    .filter(({ kind }) => kind === 'packages')
    .flatMap(({ folder, short, manifest }) =>
      Object.entries(manifest.exports ?? {}).flatMap(([path, target]) =>
        hasSource(target)
          ? [{ entry: `${short}${path.slice(1)}`, short, file: join(root, folder, target['@bff/source']) }]
          : [],
      ),
    )
}

const hasSource = (target: unknown): target is { '@bff/source': string } =>
  typeof target === 'object' && target !== null && '@bff/source' in target

/** The page of an entry below `reference/api`, without an ending. */
export const pageName = ({ entry }: Entry): string => entry.replaceAll('/', '-')

/** The name on npm of a package or an entry, such as `core/proxy`. */
export const packageName = (short: string): string => (short === 'create-bff' ? short : `@bff/${short}`)
