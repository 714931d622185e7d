import { project } from '../../vitest.base.ts'

export default project('nuxt', {
  globalSetup: ['test/support/build.ts'],
  testTimeout: 30_000,
  server: { deps: { external: [/\/\.output\//] } },
})
