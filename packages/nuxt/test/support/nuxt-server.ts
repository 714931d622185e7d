import type { RequestListener } from 'node:http'
import { pathToFileURL } from 'node:url'
import { type ServedApp, serveListener } from '@bff/test-support/served-app'
import { FIXTURE } from './build.ts'

/** The production build of the fixture, by Nitro's preset for Node listeners, in this process. */
export async function nuxtServer(): Promise<ServedApp> {
  const { listener }: { listener: RequestListener } = await import(
    /* @vite-ignore */ pathToFileURL(`${FIXTURE}/.output/server/index.mjs`).href
  )
  return serveListener(listener)
}
