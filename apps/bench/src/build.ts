import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { build } from 'tsup'
import { NEXT_APP } from './next-app.ts'

const inBench = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))

/**
 * Compiles the servers with the packages' sources in them, as they are published: run through tsx, every closure
 * would be given its name anew, which costs more than what is measured. Gives the path of the program.
 */
export async function buildServer(): Promise<string> {
  await build({
    config: false,
    silent: true,
    entry: [inBench('src/server.ts')],
    outDir: inBench('dist'),
    format: ['esm'],
    target: 'node20',
    noExternal: [/^@bff\//],
    external: ['fastify', 'fastify-plugin', 'express', 'hono', '@hono/node-server', 'undici', 'next'],
    esbuildOptions(options) {
      options.conditions = ['@bff/source']
    },
  })
  return inBench('dist/server.js')
}

/** Builds the Next app for production, unless a build of it is fresh. */
export function buildNextApp(): void {
  execFileSync(process.execPath, [inBench('../../tools/next-build.mjs')], { cwd: NEXT_APP, stdio: 'inherit' })
}
