import { project } from '../../vitest.base.ts'

export default project('tanstack-start', { globalSetup: ['test/support/build.ts'] })
