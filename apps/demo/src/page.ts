import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import { buildSync } from 'esbuild'
import type { FastifyInstance } from 'fastify'

/** Nothing but our own files: no inline script or style, no other origin, no frame around the page. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

const HEADERS = {
  'cache-control': 'no-cache',
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

/**
 * The files of `public/`, and `@bff/client` as `/bff-client.js`. They are the same for everybody: who is signed in, the page
 * asks the BFF.
 */
export function addPage(app: FastifyInstance): void {
  app.register(fastifyStatic, {
    root: fileURLToPath(new URL('../public', import.meta.url)),
    cacheControl: false,
    setHeaders: (reply) => {
      for (const [name, value] of Object.entries(HEADERS)) reply.header(name, value)
    },
  })
  const script = clientScript()
  app.get('/bff-client.js', (_request, reply) =>
    reply.headers(HEADERS).type('text/javascript; charset=utf-8').send(script),
  )
}

/** A page without a bundler takes the one file of the package's `dist`. In this workspace it is made from source. */
function clientScript(): string {
  const { outputFiles } = buildSync({
    stdin: {
      contents: "export * from '@bff/client'",
      resolveDir: fileURLToPath(new URL('.', import.meta.url)),
    },
    conditions: ['@bff/source'],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    write: false,
    logLevel: 'silent',
  })
  return outputFiles.map(({ text }) => text).join('')
}
