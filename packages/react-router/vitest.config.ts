import { project } from '../../vitest.base.ts'

export default project('react-router', { testTimeout: 15_000 })
