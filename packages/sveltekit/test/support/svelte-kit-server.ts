import { pathToFileURL } from 'node:url'
import { type ServedApp, serveListener } from '@bff/test-support/served-app'
import { FIXTURE } from './build.ts'

/**
 * The production build of the fixture by adapter-node, served in this process.
 *
 * @param contentType of bodies that come without one: SvelteKit drops those
 */
export async function svelteKitServer({ contentType }: { contentType?: string } = {}): Promise<ServedApp> {
  process.env['BODY_SIZE_LIMIT'] = 'Infinity'
  process.env['PROTOCOL_HEADER'] = 'x-forwarded-proto'
  const { handler } = await import(/* @vite-ignore */ pathToFileURL(`${FIXTURE}/build/handler.js`).href)
  return serveListener((req, res) => {
    req.headers['x-forwarded-proto'] = 'http'
    if (contentType !== undefined) req.headers['content-type'] ??= contentType
    handler(req, res, () => res.writeHead(404).end())
  })
}
