import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { newerNode } from '@bff/test-support/newer-node'

export const FIXTURE = fileURLToPath(new URL('../fixture', import.meta.url))
const nuxt = join(createRequire(import.meta.url).resolve('nuxt/package.json'), '../bin/nuxt.mjs')

/** Makes the production build that the tests serve. */
export default async () => {
  const env = { PATH: process.env['PATH'], NUXT_TELEMETRY_DISABLED: '1' }
  await promisify(execFile)(await newerNode(), [nuxt, 'build'], { cwd: FIXTURE, env })
}
