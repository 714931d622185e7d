import { project } from '../../vitest.base.ts'

export default project('demo-next', { globalSetup: ['test/support/build.ts'] })
