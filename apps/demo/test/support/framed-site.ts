import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { createServer, type Server } from 'node:https'
import { fileURLToPath } from 'node:url'
import { type Bff, createBff, generateEncryptionKey } from '@bff/core'
import { embedding } from '@bff/core/embedding'
import { NodeRequestView, nodeListener } from '@bff/node'
import { memoryStore } from '@bff/store-memory'
import { build } from 'esbuild'
import { onTestFinished } from 'vitest'
import type { Certificate } from '../../src/certificate.ts'
import { providerAt, writePage } from './two-sites.ts'

export interface FramedSite {
  readonly bff: Bff
  /** The app, on `https://localhost`. */
  readonly origin: string
  /** Two sites, on `https://127.0.0.1` and `https://one.portal.example`, whose page frames the app. */
  readonly portal: string
  readonly otherPortal: string
  /** One that may not frame it, and the provider. */
  readonly stranger: string
  /** What the stranger's page has in place of a frame. */
  html: string
}

const PAGE = `<!doctype html><title>App</title><h1>…</h1><button id="in">Sign in</button><button id="out">Sign out</button>
  <script type="module">
    import { createBffClient } from '/client.js'
    const client = createBffClient({ embedded: true })
    client.subscribe(() => {
      const { status, userId } = client.session
      document.querySelector('h1').textContent = status === 'signed-in' ? 'Hello, ' + userId : status
    })
    document.querySelector('#in').addEventListener('click', () => client.signInWithPopup())
    document.querySelector('#out').addEventListener('click', () => client.signOut())
  </script>`

/** An app that two other sites may frame, and its provider, until the test is over. */
export async function framedSite(certificate: Certificate): Promise<FramedSite> {
  const app = await server(certificate, 'localhost')
  const portals = [
    await server(certificate, '127.0.0.1'),
    await server(certificate, 'one.portal.example'),
  ] as const
  const stranger = await server(certificate, '127.0.0.1')
  const ancestors = [portals[0].origin, portals[1].origin.replace('one.', '*.')]
  const framed = embedding({ ancestors })
  const bff = createBff({
    origin: app.origin,
    store: memoryStore(),
    encryptionKeys: [generateEncryptionKey()],
    provider: providerAt(stranger.origin),
    cookie: { sameSite: 'none', partitioned: true },
    plugins: [framed],
    onEvent: () => {},
  })
  onTestFinished(() => bff.close())
  const sites: FramedSite = {
    bff,
    origin: app.origin,
    portal: portals[0].origin,
    otherPortal: portals[1].origin,
    stranger: stranger.origin,
    html: '',
  }
  const script = await clientScript()
  app.serve(
    nodeListener(bff, async (req, res) => {
      res.setHeader(...framed.header)
      if (req.url === '/client.js')
        return void res.writeHead(200, { 'content-type': 'text/javascript' }).end(script)
      if (req.url !== '/user') return writePage(res, PAGE)
      const session = await bff.getSession(new NodeRequestView(req, res))
      writePage(res, `<h1>${session?.userId ?? 'nobody'}</h1>`)
    }),
  )
  const frame = `<iframe src="${app.origin}/"></iframe>`
  for (const portal of portals) portal.serve((_req, res) => writePage(res, frame))
  stranger.serve((req, res) => {
    const { pathname, searchParams } = new URL(req.url ?? '', stranger.origin)
    const back = (user: string) =>
      `${app.origin}/bff/callback?code=${user}&state=${searchParams.get('state')}`
    if (pathname !== '/auth') writePage(res, sites.html || frame)
    else writePage(res, ['alice', 'bob'].map((user) => `<a href="${back(user)}">${user}</a>`).join(' '))
  })
  return sites
}

async function clientScript(): Promise<string> {
  const { outputFiles } = await build({
    stdin: {
      contents: "export * from '@bff/client'",
      resolveDir: fileURLToPath(new URL('..', import.meta.url)),
    },
    ...{ bundle: true, format: 'esm', conditions: ['@bff/source'], write: false },
  })
  return outputFiles.map(({ text }) => text).join('')
}

async function server({ key, cert }: Certificate, hostname: string) {
  const https: Server = createServer({ key, cert })
  https.listen(0, hostname === 'one.portal.example' ? '127.0.0.1' : hostname)
  await once(https, 'listening')
  onTestFinished(async () => {
    https.closeAllConnections()
    await new Promise((resolve) => https.close(resolve))
  })
  const address = https.address()
  if (address === null || typeof address === 'string') throw new Error('The server listens on TCP only.')
  return {
    origin: `https://${hostname}:${address.port}`,
    serve: (listener: RequestListener) => void https.on('request', listener),
  }
}
