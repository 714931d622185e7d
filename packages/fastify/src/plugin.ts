import { type Bff, BffError } from '@bff/core'
import { deliverReply, relayWebSockets } from '@bff/node'
import type { FastifyInstance } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import { makeView, VIEW } from './view.ts'

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
 * Serves the BFF's endpoints and proxied APIs. The guard and the session of the app's own routes are in {@link fastifyBff}.
 *
 * Registered on the app, it serves them in front of all routes. Registered in a plugin of the app, it makes a route there
 * for each of the BFF's paths, behind the hooks of that plugin.
 * An app may hold several BFFs, each with a `basePath` and a cookie name of its own.
 *
 * @throws BffError `invalid_config` in a plugin whose `prefix` the BFF's paths do not begin with
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
    if (!app.hasRequestDecorator(VIEW)) app.decorateRequest(VIEW)
    if (webSockets) {
      const relay = relayWebSockets(app.server, bff)
      app.addHook('preClose', async () => relay.close())
    }
    app.addHook('onClose', () => bff.close())
    // The first hook of a request runs before any body is parsed.
    app.addHook('onRequest', (request, reply, done) => {
      const promised = bff.handle(makeView(request, reply))
      if (promised === undefined) {
        done()
        return
      }
      const earlier = Object.entries(reply.getHeaders())
      for (const [name, value] of earlier) if (value !== undefined) reply.raw.setHeader(name, value)
      // Written past Fastify, which would make one header of several cookies and know nothing of an abort.
      reply.hijack()
      void deliverReply(bff, promised, reply.raw)
    })
    if (!isRoot(app)) for (const url of urlsIn(app.prefix, bff.paths)) addRoute(app, url)
  },
  { fastify: '5.x', name: '@bff/fastify' },
)

/** The contexts of plugins inherit `server` from the app. */
const isRoot = (app: FastifyInstance) => Object.hasOwn(app, 'server')

/**
 * The hooks of a plugin run for its own routes only, so the BFF's paths must be such routes. The hook above answers
 * them; the handler gets what `handle` leaves to the app.
 */
function addRoute(app: FastifyInstance, url: string): void {
  app.all(url, (_request, reply) => reply.callNotFound())
}

function urlsIn(prefix: string, paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    const itself = path.replace(/\/\*$/, '')
    if (prefix !== '' && !`${itself}/`.startsWith(`${prefix}/`))
      throw new BffError(
        'invalid_config',
        `bffPlugin: the path ${path} of the BFF is not below the prefix ${prefix} of the plugin it is registered in. ` +
          'Register bffPlugin on the app, or give the BFF a basePath, proxy routes and endpoints below that prefix.',
      )
    // Fastify adds the prefix again, and a colon would begin a parameter.
    const url = itself.slice(prefix.length).replaceAll(':', '::')
    return path === itself ? [url] : [url, `${url}/*`]
  })
}
