import { fileURLToPath } from 'node:url'
import { build } from 'tsup'

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
