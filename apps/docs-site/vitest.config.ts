import { project } from '../../vitest.base.ts'

export default project('docs-site', { testTimeout: 180_000 })
