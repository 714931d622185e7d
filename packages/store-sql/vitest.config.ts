import { project } from '../../vitest.base.ts'

export default project('store-sql', { testTimeout: 20_000 })
