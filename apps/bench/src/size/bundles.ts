import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build, type Plugin } from 'esbuild'
import { inCheckout } from '../build.ts'

/** Bytes, minified. */
export interface BundleSize {
  readonly name: string
  readonly bytes: number
  readonly gzipBytes: number
}

interface Manifest {
  readonly name: string
  readonly dependencies?: Record<string, string>
  readonly exports: Record<string, string | Record<string, string>>
}

const manifestIn = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))

/** All entries of each published package, with what it brings along, without core and without what the app has already. */
export async function packageBundles(): Promise<BundleSize[]> {
  const sizes: BundleSize[] = []
  const packages = inCheckout('packages')
  for (const short of readdirSync(packages)) {
    const folder = join(packages, short)
    const { name, exports, dependencies = {} } = manifestIn(folder)
    const entries = Object.values(exports).flatMap((target) => {
      const source = typeof target === 'string' ? undefined : target['@bff/source']
      return source !== undefined && /\.tsx?$/.test(source) ? [join(folder, source)] : []
    })
    if (entries.length > 0)
      sizes.push({
        name,
        ...(await sizeOf(entries, ({ importer, path }) => isOutside(path, importer, dependencies))),
      })
  }
  return sizes
}

/** A relative path belongs to the package or to one of its dependencies; others are named. */
function isOutside(path: string, importer: string, own: Record<string, string>): boolean {
  if (path.startsWith('.') || path.startsWith('/') || importer.includes('/node_modules/')) return false
  const name = path.split('/', path.startsWith('@') ? 2 : 1).join('/')
  return !(name in own)
}

/** An app of its own: the packages of this repository and what they bring along, without the framework and the driver. */
export async function compositionBundle(
  name: string,
  file: string,
  hosts: readonly string[],
): Promise<BundleSize> {
  const isHost = ({ path }: { readonly path: string }) =>
    hosts.some((host) => path === host || path.startsWith(`${host}/`))
  return { name, ...(await sizeOf([file], isHost)) }
}

interface Import {
  readonly path: string
  readonly importer: string
}

async function sizeOf(
  entryPoints: string[],
  isExternal: (imported: Import) => boolean,
): Promise<Omit<BundleSize, 'name'>> {
  const external: Plugin = {
    name: 'what the app has',
    setup: ({ onResolve }) =>
      onResolve({ filter: /^[^./]/ }, ({ path, importer, kind }) =>
        kind !== 'entry-point' && isExternal({ path, importer }) ? { path, external: true } : undefined,
      ),
  }
  const { outputFiles } = await build({
    entryPoints,
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    outdir: 'out',
    write: false,
    conditions: ['@bff/source'],
    plugins: [external],
    logLevel: 'error',
  })
  return {
    bytes: outputFiles.reduce((total, { contents }) => total + contents.byteLength, 0),
    gzipBytes: outputFiles.reduce(
      (total, { contents }) => total + gzipSync(contents, { level: 9 }).length,
      0,
    ),
  }
}
