import { project } from '../../vitest.base.ts'

export default project('chaos', { testTimeout: 120_000 })
