import { project } from '../../vitest.base.ts'

export default project('example-moving', { testTimeout: 120_000 })
