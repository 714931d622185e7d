import { project } from '../../vitest.base.ts'

export default project('clients', { globalSetup: ['test/support/build.ts'], testTimeout: 60_000 })
