import { project } from '../../vitest.base.ts'

export default project('servers', { testTimeout: 60_000 })
