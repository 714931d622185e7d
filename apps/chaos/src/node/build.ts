import { fileURLToPath } from 'node:url'
import { build } from 'tsup'

const inApp = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))

/** Compiles the program of the BFF processes, so that a killed one is back at once. Gives its path. */
export async function buildProgram(): Promise<string> {
  await build({
    config: false,
    silent: true,
    entry: [inApp('src/node/serve.ts')],
    outDir: inApp('dist'),
    format: ['esm'],
    target: 'node20',
    noExternal: [/^@bff\//],
    external: ['better-sqlite3', 'drizzle-orm', 'ioredis', 'mysql2', 'postgres', 'undici'],
    esbuildOptions(options) {
      options.conditions = ['@bff/source']
    },
  })
  return inApp('dist/serve.js')
}
