import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: ['packages/*', 'apps/*', 'examples/moving', 'examples/test', 'examples/testing', 'tools'],
    // Two also on two cores: most files wait for a server or a browser.
    maxWorkers: Math.max(2, availableParallelism() - 1),
  },
})
