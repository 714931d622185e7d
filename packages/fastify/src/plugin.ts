import type { Bff } from '@bff/core'
import { deliverReply, NodeRequestView, relayWebSockets } from '@bff/node'
import type { FastifyInstance } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import { RequestBff } from './request-bff.ts'

declare module 'fastify' {
  interface FastifyRequest {
    bff: RequestBff
  }
}

/** Options of {@link bffPlugin}. */
export interface BffPluginOptions {
  /** What `createBff` made. The plugin closes it with the app. */
  readonly bff: Bff
  /**
   * Also relays WebSockets to the proxy's routes with `webSocket: true`, and ends them with the app. Handshakes to other
   * paths are left to other plugins. @default false
   */
  readonly webSockets?: boolean
}

/**
 * Serves the BFF's endpoints and proxied APIs in front of all routes, and gives every request `request.bff`.
 *
 * @example
 * ```ts
 * import type { Bff } from '@bff/core'
 * import { bffPlugin } from '@bff/fastify'
 * import fastify from 'fastify'
 *
 * export async function serve(bff: Bff) {
 *   const app = fastify()
 *   await app.register(bffPlugin, { bff })
 *   await app.listen({ port: 3000 })
 * }
 * ```
 */
export const bffPlugin = fastifyPlugin(
  async (app: FastifyInstance, { bff, webSockets = false }: BffPluginOptions) => {
    app.decorateRequest('bff')
    if (webSockets) {
      const relay = relayWebSockets(app.server, bff)
      app.addHook('preClose', async () => relay.close())
    }
    app.addHook('onClose', () => bff.close())
    // The first hook of a request runs before any body is parsed.
    app.addHook('onRequest', (request, reply, done) => {
      const view = new NodeRequestView(request.raw, reply.raw)
      const promised = bff.handle(view)
      if (promised === undefined) {
        request.bff = new RequestBff(bff, view)
        done()
        return
      }
      const earlier = Object.entries(reply.getHeaders())
      for (const [name, value] of earlier) if (value !== undefined) reply.raw.setHeader(name, value)
      // Written past Fastify, which would make one header of several cookies and know nothing of an abort.
      reply.hijack()
      void deliverReply(bff, promised, reply.raw)
    })
  },
  { fastify: '5.x', name: '@bff/fastify' },
)
