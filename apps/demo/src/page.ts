import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
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

/** The files of `public/`. They are the same for everybody: who is signed in, the page asks the BFF. */
export function addPage(app: FastifyInstance): void {
  app.register(fastifyStatic, {
    root: fileURLToPath(new URL('../public', import.meta.url)),
    cacheControl: false,
    setHeaders: (reply) => {
      reply.header('cache-control', 'no-cache')
      reply.header('content-security-policy', CONTENT_SECURITY_POLICY)
      reply.header('cross-origin-opener-policy', 'same-origin')
      reply.header('referrer-policy', 'no-referrer')
      reply.header('x-content-type-options', 'nosniff')
    },
  })
}
