import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'tsup'

const inBench = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))

export const inCheckout = (path: string) => inBench(`../../${path}`)

/** What an app installs beside the packages stays outside; they, and what they bring along, are compiled in. */
const { dependencies, devDependencies } = JSON.parse(readFileSync(inBench('package.json'), 'utf8'))
const names = Object.keys({ ...dependencies, ...devDependencies }).filter((name) => !name.startsWith('@bff/'))
const installed = `(?:${names.map((name) => name.replaceAll('.', '\\.')).join('|')})(?:/|$)`
const OUTSIDE = new RegExp(`^${installed}`)
const INSIDE = new RegExp(`^(?!${installed}|node:)[@a-z]`)

/**
 * Compiles the servers with the packages' sources in them, as they are published: run through tsx, every closure
 * would be given its name again, which costs more than what is measured. Returns the path of the program.
 *
 * @param checkout the checkout of this repository whose packages to take
 */
export function buildServer(name: string, checkout?: string): Promise<string> {
  return buildProgram(name, 'src/server.ts', checkout)
}

/** Compiles any program of the benchmark in the same way. */
export async function buildProgram(name: string, file: string, checkout = inBench('../..')): Promise<string> {
  await build({
    config: false,
    silent: true,
    entry: { [name]: inBench(file) },
    outDir: inBench('dist'),
    format: ['esm'],
    target: 'node20',
    noExternal: [INSIDE],
    external: [OUTSIDE],
    esbuildPlugins: [
      {
        name: 'packages of the checkout',
        setup: ({ onResolve }) =>
          onResolve({ filter: /^@bff\// }, ({ path }) => ({ path: sourceOf(checkout, path) })),
      },
    ],
  })
  return inBench(`dist/${name}.js`)
}

/** The source of an entry such as `@bff/core/proxy`. */
function sourceOf(checkout: string, specifier: string): string {
  const [, name = '', entry = ''] = /^@bff\/([^/]+)(.*)$/.exec(specifier) ?? []
  const folder = resolve(checkout, 'packages', name)
  const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return join(folder, exports[`.${entry}`]['@bff/source'])
}

/** Builds the Next app for production, unless a build of it is fresh. */
export function buildNextApp(): void {
  execFileSync(process.execPath, [inBench('../../tools/next-build.mjs')], {
    cwd: inBench('next-app'),
    stdio: 'inherit',
  })
}
