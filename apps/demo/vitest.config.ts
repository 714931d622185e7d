import { project } from '../../vitest.base.ts'

const include = [process.env['BFF_BROWSER'] === 'firefox' ? 'test/**/*.firefox.ts' : 'test/**/*.test.ts']

export default project('demo', { include })
