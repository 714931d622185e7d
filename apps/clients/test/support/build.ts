import { execFile } from 'node:child_process'
import { rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import linker from '@angular/compiler-cli/linker/babel'
import { transformAsync } from '@babel/core'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import vue from '@vitejs/plugin-vue'
import { type BuildOptions, build as bundle, type Plugin } from 'esbuild'
import { build, type PluginOption } from 'vite'
import solid from 'vite-plugin-solid'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const CONDITIONS = ['@bff/source']

interface Kind {
  readonly name: string
  readonly suffix: 'ts' | 'tsx'
  readonly plugins: () => PluginOption[]
}

const KINDS: readonly Kind[] = [
  { name: 'react', suffix: 'tsx', plugins: () => [] },
  { name: 'vue', suffix: 'ts', plugins: () => [vue()] },
  { name: 'svelte', suffix: 'ts', plugins: () => [svelte({ configFile: false })] },
  { name: 'solid', suffix: 'tsx', plugins: () => [solid({ ssr: true })] },
]

/** Builds the page for browsers and for the server that renders it, in the framework's development mode, which checks more. */
async function buildWithVite({ name, suffix, plugins }: Kind): Promise<void> {
  const common = {
    root: ROOT,
    configFile: false,
    logLevel: 'error',
    mode: 'development',
    define: { 'process.env.NODE_ENV': '"development"' },
  } as const
  const output = { minify: false, rolldownOptions: { output: { entryFileNames: '[name].js' } } } as const
  await build({
    ...common,
    plugins: plugins(),
    resolve: { conditions: [...CONDITIONS, 'module', 'browser', 'development'] },
    build: {
      ...output,
      outDir: `dist/${name}`,
      rolldownOptions: { ...output.rolldownOptions, input: `src/${name}/main.${suffix}` },
    },
  })
  await build({
    ...common,
    plugins: plugins(),
    ssr: {
      noExternal: [/^@bff\//],
      resolve: { conditions: [...CONDITIONS, 'module', 'node', 'development'] },
    },
    build: { ...output, ssr: `src/${name}/server.${suffix}`, outDir: `dist/${name}-server` },
  })
}

/** Angular's own compiler for the app, and its linker for its packages, which are published half compiled. */
async function buildAngular(): Promise<void> {
  const ngc = join(
    createRequire(import.meta.url).resolve('@angular/compiler-cli/package.json'),
    '../bundles/src/bin/ngc.js',
  )
  await promisify(execFile)(process.execPath, [ngc, '-p', 'src/angular/tsconfig.json'], { cwd: ROOT })
  const common: BuildOptions = {
    absWorkingDir: ROOT,
    bundle: true,
    format: 'esm',
    conditions: CONDITIONS,
    plugins: [LINKER],
  }
  const compiled = 'dist/angular-compiled/apps/clients/src/angular'
  await bundle({ ...common, entryPoints: [`${compiled}/main.js`], outfile: 'dist/angular/main.js' })
  await bundle({
    ...common,
    platform: 'node',
    banner: { js: REQUIRE },
    entryPoints: [`${compiled}/server.js`],
    outfile: 'dist/angular-server/server.js',
  })
}

/** One of Angular's own dependencies is CommonJS. */
const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);"

const LINKER: Plugin = {
  name: 'angular-linker',
  setup: ({ onLoad }) =>
    onLoad({ filter: /@angular[\\/].*\.mjs$/ }, async ({ path }) => {
      const code = await readFile(path, 'utf8')
      if (!code.includes('ɵɵngDeclare')) return { contents: code }
      const linked = await transformAsync(code, { filename: path, configFile: false, plugins: [linker] })
      return { contents: linked?.code ?? '' }
    }),
}

/** Builds the page in every framework. */
export default async () => {
  rmSync(join(ROOT, 'dist'), { recursive: true, force: true })
  await Promise.all([...KINDS.map(buildWithVite), buildAngular()])
}
