import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type ServedApp, serveFetch } from '@bff/http-testkit'
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
  const app = await fixtureApp()
  return serveFetch(async (request) => {
    const { pathname } = new URL(request.url)
    if (!pathname.startsWith('/assets/')) return app(request)
    const type = pathname.endsWith('.js') ? 'text/javascript' : 'application/octet-stream'
    return new Response(await readFile(join(FIXTURE, 'dist/client', pathname)), {
      headers: { 'content-type': type },
    })
  })
}
