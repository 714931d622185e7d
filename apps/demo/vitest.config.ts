import { project } from '../../vitest.base.ts'

export default project('demo', { testTimeout: 60_000 })
