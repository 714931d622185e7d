import { project } from '../../vitest.base.ts'

export default project('clients', {
  globalSetup: ['test/support/build.ts'],
  server: { deps: { external: [/\/dist\/[a-z]+-server\//] } },
})
