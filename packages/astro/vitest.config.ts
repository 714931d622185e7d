import { project } from '../../vitest.base.ts'

export default project('astro', { globalSetup: ['test/support/build.ts'] })
