import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build, type Plugin } from 'esbuild'
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

export interface Program {
  /** One of `src/programs`, without its ending. */
  readonly name: string
  /** The file that registers the laws, relative to the root. */
  readonly laws: string
  /** What is not bundled: native modules, and what a framework loads only where it is installed. */
  readonly external?: readonly string[]
  readonly for: 'node' | 'workerd'
}

/** Bundles a program with the laws and everything they import into one file. */
export async function bundle({ name, laws, external = [], for: host }: Program): Promise<string> {
  const outfile = join(WORK, 'programs', `${name}-${laws.replaceAll(/[/.]/g, '-')}-${host}.mjs`)
  await build({
    entryPoints: [join(OWN, `${name}.ts`)],
    outfile,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    platform: 'node',
    // workerd has its own conditions: packages choose by them what they bring for a Worker.
    conditions: host === 'workerd' ? ['@bff/source', 'workerd', 'worker'] : ['@bff/source'],
    external: [...external],
    plugins: [sourceOf(laws)],
    tsconfigRaw: { compilerOptions: { experimentalDecorators: true } },
    ...(host === 'node' && { banner: { js: BANNER } }),
    logLevel: 'error',
    logOverride: { 'empty-import-meta': 'silent' },
  })
  return outfile
}
