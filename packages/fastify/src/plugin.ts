import { BffError, type ServedBff } from '@bff/core'
import { type OptionRule, option, readOptions } from '@bff/core/authoring'
import { relayWebSockets, startReply } from '@bff/node'
import type { FastifyInstance } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import { makeView, VIEW } from './view.ts'

/** Options of {@link bffPlugin}. */
export interface BffPluginOptions {
  /** The BFF from `createBff`, or several from `frontends`. The plugin closes it with the app. */
  readonly bff: ServedBff<unknown>
  /**
   * Whether to relay WebSockets to the proxy's routes with `webSocket: true`, and to close them with the app. Handshakes to
   * other paths go to other plugins. @default false
   */
  readonly webSockets?: boolean
}

const OPTIONS = {
  bff: option.given<ServedBff<unknown>>() as OptionRule<ServedBff<unknown>>,
  webSockets: option.flag(false),
  // Those of `register` itself, which Fastify passes on.
  prefix: option.given<string>(),
  logLevel: option.given<string>(),
  logSerializers: option.given<object>(),
}

/**
 * Serves the BFF's endpoints and proxied APIs. {@link fastifyBff} has the guard and the session for the app's own routes.
 *
 * Registered on the app, it serves them before all routes. Registered in a plugin of the app, it adds a route for each of
 * the BFF's paths, after the hooks of that plugin. An app may have several BFFs, each with its own `basePath` and cookie
 * name.
 *
 * @throws BffError `invalid_config` in a plugin with a `prefix` with which the BFF's paths do not begin
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
  async (app: FastifyInstance, options: BffPluginOptions) => {
    const { bff, webSockets } = readOptions('bffPlugin', options, OPTIONS)
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
      // Written without Fastify, which would join several cookies into one header and ignore an abort.
      reply.hijack()
      startReply(bff, promised, reply.raw)
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
