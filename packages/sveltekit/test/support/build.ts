import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

export const FIXTURE = fileURLToPath(new URL('../fixture', import.meta.url))
const vite = join(dirname(createRequire(import.meta.url).resolve('vite/package.json')), 'bin/vite.js')

/** Makes the production build that the tests serve. */
export default async () => {
  await promisify(execFile)(process.execPath, [vite, 'build'], { cwd: FIXTURE })
}
