import { project } from '../../vitest.base.ts'

export default project('examples', { testTimeout: 120_000 })
