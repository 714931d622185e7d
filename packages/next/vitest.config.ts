import { project } from '../../vitest.base.ts'

export default project('next', { globalSetup: ['test/support/build.ts'] })
