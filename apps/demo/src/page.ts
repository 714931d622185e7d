import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import { buildSync } from 'esbuild'
import type { FastifyInstance } from 'fastify'

/** Nothing but our own files: no inline script or style, no other origin, no frame around the page. */
const POLICY = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self'",
  'img-src': "'self'",
  'connect-src': "'self'",
  'form-action': "'self'",
  'base-uri': "'none'",
  'frame-ancestors': "'none'",
}

const headersOf = (policy: Readonly<Record<string, string>>) => ({
  'cache-control': 'no-cache',
  'content-security-policy': Object.entries(policy)
    .map((directive) => directive.join(' '))
    .join('; '),
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
})

/** A page without a bundler takes the one file of a package's `dist`. In this workspace they are made from source. */
const SCRIPTS = {
  '/bff-client.js': "export * from '@bff/client'",
  '/wallet-client.js': "export * from '@bff/wallet/client'",
  '/development-wallet.js': "export * from './development-wallet.ts'",
}

/** What was asked for once. */
const made = new Map<string, string>()

/**
 * The files of `public/`, and the scripts made from packages. They are the same for everybody: who is signed in, the page
 * asks the BFF. The page may frame `foreignOrigin`, where the attacks of another site come from.
 */
export function addPage(app: FastifyInstance, foreignOrigin: string | null): void {
  const headers = headersOf({ ...POLICY, 'frame-src': foreignOrigin ?? "'none'" })
  app.register(fastifyStatic, {
    root: fileURLToPath(new URL('../public', import.meta.url)),
    cacheControl: false,
    setHeaders: (reply) => {
      for (const [name, value] of Object.entries(headers)) reply.header(name, value)
    },
  })
  for (const [path, contents] of Object.entries(SCRIPTS))
    app.get(path, (_request, reply) =>
      reply.headers(headers).type('text/javascript; charset=utf-8').send(scriptOf(contents)),
    )
}

function scriptOf(contents: string): string {
  const script = made.get(contents) ?? bundle(contents)
  made.set(contents, script)
  return script
}

function bundle(contents: string): string {
  const { outputFiles } = buildSync({
    stdin: { contents, resolveDir: fileURLToPath(new URL('.', import.meta.url)) },
    conditions: ['@bff/source'],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    write: false,
    logLevel: 'silent',
  })
  return outputFiles.map(({ text }) => text).join('')
}
