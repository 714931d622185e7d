import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type ServedApp, serveWithAssets } from '@bff/test-support/served-app'
import { FIXTURE } from './build.ts'

type Fetch = (request: Request) => Promise<Response>

/** The production build of the fixture, as a function of its requests. */
export async function fixtureApp(): Promise<Fetch> {
  const server: { default: { fetch: Fetch } } = await import(
    /* @vite-ignore */ pathToFileURL(`${FIXTURE}/dist/server/server.js`).href
  )
  return (request) => server.default.fetch(request)
}

/** Serves the fixture and its assets in this process. */
export async function serveFixture(): Promise<ServedApp> {
  return serveWithAssets(await fixtureApp(), join(FIXTURE, 'dist/client'))
}
