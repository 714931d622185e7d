import { defineProject } from 'vitest/config'

const conditions = ['@bff/source']

/** No test is about these limits: they end what hangs. A busy machine takes twenty times as long as an idle one. */
const patience = { testTimeout: 180_000, hookTimeout: 180_000, expect: { poll: { timeout: 10_000 } } }

/** The one test configuration: workspace packages are read from their source, so no build is needed. */
export const project = (
  name: string,
  test: {
    globalSetup?: string[]
    testTimeout?: number
    include?: string[]
    /** Built files that Node itself must load. */
    server?: { deps: { external: RegExp[] } }
  } = {},
) =>
  defineProject({
    resolve: { conditions },
    ssr: { resolve: { conditions, externalConditions: conditions } },
    test: { name, include: ['test/**/*.test.ts'], ...patience, ...test },
  })
