import type { RequestListener } from 'node:http'
import { pathToFileURL } from 'node:url'
import { type ServedApp, serveListener } from '@bff/test-support/served-app'
import { FIXTURE } from './build.ts'

/** The production build of the fixture by Astro's Node adapter, with the standalone server's handler, in this process. */
export async function astroServer(): Promise<ServedApp> {
  process.env['ASTRO_NODE_AUTOSTART'] = 'disabled'
  const entry: { handler: RequestListener } = await import(
    /* @vite-ignore */ pathToFileURL(`${FIXTURE}/dist/server/entry.mjs`).href
  )
  return serveListener(entry.handler)
}
