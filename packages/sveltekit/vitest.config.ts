import { project } from '../../vitest.base.ts'

export default project('sveltekit', { globalSetup: ['test/support/build.ts'] })
