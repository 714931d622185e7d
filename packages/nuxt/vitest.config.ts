import { project } from '../../vitest.base.ts'

export default project('nuxt', {
  globalSetup: ['test/support/build.ts'],
  server: { deps: { external: [/\/\.output\//] } },
})
