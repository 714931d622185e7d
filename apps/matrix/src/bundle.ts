import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { type BuildOptions, build, type Plugin } from 'esbuild'
import { ROOT, WORK } from './runtimes.ts'

const OWN = fileURLToPath(new URL('programs', import.meta.url))

/** The test runner and the testkit, as a program without vitest has them. */
const IN_PLACE_OF: Readonly<Record<string, string>> = {
  vitest: 'vitest.ts',
  '@bff/http-testkit': 'http-testkit.ts',
}

/** The source that a program is made of keeps its own address, from which it finds files and packages. */
const sourceOf = (laws: string): Plugin => ({
  name: 'matrix',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(vitest|@bff\/http-testkit|\$laws)$/ }, ({ path, importer }) => {
      if (path === '$laws') return { path: join(ROOT, laws) }
      const own = IN_PLACE_OF[path]
      return own === undefined || importer.startsWith(OWN) ? null : { path: join(OWN, own) }
    })
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const contents = await readFile(path, 'utf8')
      const url = JSON.stringify(pathToFileURL(path).href)
      return {
        contents: contents.replaceAll('import.meta.url', url),
        loader: 'ts',
        resolveDir: dirname(path),
      }
    })
  },
})

/** What a bundle of CommonJS packages needs of Node, in a module. */
const BANNER = `import { createRequire as $createRequire } from 'node:module'
import { fileURLToPath as $fileURLToPath } from 'node:url'
import { dirname as $dirname } from 'node:path'
const require = $createRequire(import.meta.url)
const __filename = $fileURLToPath(import.meta.url)
const __dirname = $dirname(__filename)`

/** Packages choose by platform and conditions what they bring for a Worker, as Wrangler asks for it. */
const HOSTS = {
  node: { platform: 'node', conditions: ['@bff/source'], external: [], banner: { js: BANNER } },
  workerd: {
    platform: 'browser',
    conditions: ['@bff/source', 'workerd', 'worker'],
    external: ['node:*'],
    banner: {},
  },
} satisfies Readonly<Record<string, BuildOptions>>

export interface Program {
  /** One of `src/programs`, without its ending. */
  readonly name: string
  /** The file that registers the laws, relative to the root. */
  readonly laws: string
  /** What is not bundled: native modules, and what a framework loads only where it is installed. */
  readonly external?: readonly string[]
  readonly for: keyof typeof HOSTS
}

const bundled = new Map<string, Promise<string>>()

/**
 * Bundles a program with the laws and everything they import into one file. Rows and runtimes share it, so it is written once: a
 * runtime that starts while it is written again would read a part of it.
 */
export function bundle(program: Program): Promise<string> {
  const file = `${program.name}-${program.laws.replaceAll(/[/.]/g, '-')}-${program.for}.mjs`
  const known = bundled.get(file) ?? write(program, join(WORK, 'programs', file))
  bundled.set(file, known)
  return known
}

async function write({ name, laws, external = [], for: host }: Program, outfile: string): Promise<string> {
  await build({
    entryPoints: [join(OWN, `${name}.ts`)],
    outfile,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    ...HOSTS[host],
    external: [...external, ...HOSTS[host].external],
    plugins: [sourceOf(laws)],
    tsconfigRaw: { compilerOptions: { experimentalDecorators: true } },
    logLevel: 'error',
    logOverride: { 'empty-import-meta': 'silent' },
  })
  return outfile
}
