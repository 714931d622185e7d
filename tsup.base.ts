import { defineConfig, type Options } from 'tsup'

/** The one build of every published package: ESM for Node 20, types beside it. */
export const library = (options: Options = {}): ReturnType<typeof defineConfig> =>
  defineConfig({
    entry: ['src/index.ts'],
    format: ['esm'],
    target: 'node20',
    sourcemap: true,
    clean: true,
    treeshake: true,
    // tsup 8 sets `baseUrl`, which TypeScript 6 reports as deprecated.
    dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
    ...options,
  })
