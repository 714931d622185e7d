import { project } from '../../vitest.base.ts'

export default project('example-testing', { testTimeout: 60_000 })
