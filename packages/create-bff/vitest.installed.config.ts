import { defineConfig } from 'vitest/config'

const conditions = ['@bff/source']

/** `pnpm test:apps`: minutes, so it is no part of the suite. */
export default defineConfig({
  root: import.meta.dirname,
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: { include: ['test/installed.ts'], testTimeout: 900_000, hookTimeout: 1_800_000 },
})
