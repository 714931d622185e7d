import { fileURLToPath, pathToFileURL } from 'node:url'
import { type BffClient, createBffClient } from '@bff/client'
import { type Bff, createBff, generateEncryptionKey } from '@bff/core'
import { bffPlugin } from '@bff/fastify'
import { oidc } from '@bff/oidc'
import { memoryStore } from '@bff/store-memory'
import { startProvider } from '@bff/testing'
import files from '@fastify/static'
import fastify, { type FastifyRequest } from 'fastify'

const DIST = fileURLToPath(new URL('../dist', import.meta.url))

export interface ClientsServer {
  /** `http://localhost:<port>`, with a page at `/vue` and the same page, rendered by the server, at `/vue/rendered`. */
  readonly origin: string
  readonly bff: Bff
  close(): Promise<void>
}

/** What a framework makes of the page on the server. */
type Render = (client: BffClient) => Promise<{ readonly head: string; readonly body: string }>

/** Starts the provider, and the BFF with the page of every framework that has been built. */
export async function startServer(port: number): Promise<ClientsServer> {
  const origin = `http://localhost:${port}`
  const provider = await startProvider({ appOrigins: [origin], backchannelLogoutUri: null })
  const bff = createBff({
    origin,
    store: memoryStore(),
    encryptionKeys: [generateEncryptionKey()],
    provider: oidc({ issuer: provider.issuer, ...provider.clients.basic, scope: 'openid profile' }),
    onEvent: () => {},
  })
  const app = fastify({ forceCloseConnections: true })
  await app.register(bffPlugin, { bff })
  await app.register(files, { root: DIST, prefix: '/assets/' })

  app.get<{ Params: { name: string } }>('/:name', async ({ params }, reply) =>
    reply.type('text/html').send(page(params.name, '', '')),
  )
  app.get<{ Params: { name: string } }>('/:name/rendered', async (request, reply) => {
    const { name } = request.params
    const initialSession = await clientOf(bff, request).refetch()
    const { render } = (await import(pathToFileURL(`${DIST}/${name}-server/server.js`).href)) as {
      render: Render
    }
    const { head, body } = await render(createBffClient({ initialSession }))
    const text = JSON.stringify(initialSession).replaceAll('<', '\\u003c')
    const data = `<script type="application/json" id="initial-session">${text}</script>`
    return reply
      .type('text/html')
      .header('cache-control', 'no-store')
      .send(page(name, head + data, body))
  })
  await app.listen({ port, host: '127.0.0.1' })
  return {
    origin,
    bff,
    async close() {
      await app.close()
      await provider.close()
    },
  }
}

/** A client that calls the BFF in this process, with the cookies of a request. */
const clientOf = (bff: Bff, request: FastifyRequest): BffClient =>
  createBffClient({
    fetch: (path, init) => {
      const headers = new Headers(init?.headers)
      headers.set('cookie', request.headers.cookie ?? '')
      return bff.fetch(new Request(new URL(String(path), bff.options.origin), { ...init, headers }))
    },
  })

const page = (name: string, head: string, body: string) => `<!doctype html>
<html lang="en">
  <head>
    <title>${name}</title>
    <link rel="icon" href="data:," />
    ${head}
    <script type="module" src="/assets/${name}/main.js"></script>
  </head>
  <body>
    ${body.startsWith('<!--nghm-->') ? '<!--nghm-->' : '' /* Angular looks for it here, to see that no proxy removed comments. */}
    <div id="root">${body}</div>
    <button type="button" id="unmount">Unmount</button>
  </body>
</html>`
