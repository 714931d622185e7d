import { rmSync } from 'node:fs'
import { defineConfig, type Options } from 'tsup'

/** The one build of every published package: ESM for Node 20, types beside it. */
export function library(options: Options = {}): ReturnType<typeof defineConfig> {
  // tsup's own `clean` leaves the declarations of the last build, under names that nothing imports any more.
  rmSync('dist', { recursive: true, force: true })
  return defineConfig({
    entry: ['src/index.ts'],
    format: ['esm'],
    target: 'node20',
    sourcemap: true,
    treeshake: true,
    // tsup 8 sets `baseUrl`, which TypeScript 6 reports as deprecated.
    dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
    ...options,
  })
}
