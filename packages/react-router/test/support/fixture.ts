import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { type ServedApp, serveWithAssets } from '@bff/test-support/served-app'
import { createRequestHandler } from 'react-router'

const FIXTURE = fileURLToPath(new URL('../fixture', import.meta.url))
const BUILDER = createRequire(import.meta.url).resolve('@react-router/dev/package.json')

/** Makes the production build of the fixture and serves it in this process. */
export async function serveFixture(): Promise<ServedApp> {
  const env = { PATH: process.env['PATH'], NODE_ENV: 'production' }
  await promisify(execFile)(process.execPath, [join(BUILDER, '../bin.js'), 'build'], { cwd: FIXTURE, env })
  const build = await import(/* @vite-ignore */ pathToFileURL(`${FIXTURE}/build/server/index.js`).href)
  const handler = createRequestHandler(build, 'production')
  return serveWithAssets(handler, join(FIXTURE, 'build/client'))
}
