import { defineProject } from 'vitest/config'

const conditions = ['@bff/source']

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
    test: { name, include: ['test/**/*.test.ts'], ...test },
  })
