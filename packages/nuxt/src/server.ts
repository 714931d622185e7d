import type { IncomingMessage, ServerResponse } from 'node:http'
import type { BffClientOptions } from '@bff/client'
import {
  type Bff,
  type GuardOptions,
  isBffError,
  type Reply,
  type ServedBff,
  type Session,
  webResponse,
} from '@bff/core'
import { type CreateBff, requestViews, type WebBff, webAdapter } from '@bff/core/web'
import { deliverReply, NodeRequestView } from '@bff/node'
// Its types know `import.meta.prerender`.
import type {} from 'nuxt/app'
import { initialSessionOf } from './initial-session.ts'

/** An `H3Event`, as far as it is used here. */
export interface NuxtEvent {
  readonly node: { readonly req: IncomingMessage; readonly res: ServerResponse }
  // biome-ignore lint/suspicious/noExplicitAny: h3 types it so
  readonly context: Record<string, any>
}

/** What the plugin adds to `event.context`: your app's `H3EventContext` extends it. */
export interface BffContext<Metadata = Readonly<Record<string, unknown>>> {
  /** The active session, or `null`; read from the store at the first use. Rejects with a `BffError` when the store is down. */
  readonly session: Promise<Session<Metadata> | null>
}

/** The Nitro app, as far as it is used here. */
export interface NitroHost {
  readonly h3App: { handler: (event: never) => unknown }
  readonly hooks: {
    hook(name: 'request', work: (event: NuxtEvent) => void): unknown
    hook(name: 'close', work: () => Promise<void>): unknown
  }
}

/** A BFF for the server of a Nuxt app. Each part can be destructured and used alone. */
export interface NuxtBff<
  Metadata = Readonly<Record<string, unknown>>,
  Served extends ServedBff<Metadata> = Bff<Metadata>,
> extends Omit<WebBff<Metadata, NuxtEvent, Served>, 'withSession'> {
  /**
   * The default export of `server/plugins/bff.ts`: serves the BFF's endpoints and proxied APIs, adds `event.context.session`,
   * answers every `BffError` of a server route as the BFF does, and closes the BFF with the server.
   */
  plugin(nitro: NitroHost): void
  /**
   * Guards a server route: it requires the CSRF header and an active session, and answers 403, 401 or 503 as the BFF does.
   */
  withSession<Event extends NuxtEvent, Result>(
    handler: (event: Event, session: Session<Metadata>) => Result | Promise<Result>,
    options?: GuardOptions,
  ): (event: Event) => Promise<Result>
}

/**
 * Makes the BFF of a Nuxt app. It calls `create` at the first request, never during `nuxt build`, also not for pages that are
 * rendered at build time.
 *
 * @example
 * ```ts
 * // server/bff.ts
 * import { createBff } from '@bff/core'
 * import { nuxtBff } from '@bff/nuxt/server'
 * import { memoryStore } from '@bff/store-memory'
 *
 * export const { plugin, getSession, requireSession, withSession } = nuxtBff(() =>
 *   createBff({
 *     origin: 'https://app.example.com',
 *     store: memoryStore(),
 *     encryptionKeys: [process.env.BFF_ENCRYPTION_KEY ?? ''],
 *   }),
 * )
 * ```
 */
export function nuxtBff<
  Metadata = Readonly<Record<string, unknown>>,
  Served extends ServedBff<Metadata> = Bff<Metadata>,
>(create: CreateBff<Metadata, Served>): NuxtBff<Metadata, Served> {
  let close = async () => {}
  const requestOf = ({ node }: NuxtEvent) => node.req
  const viewOf = requestViews(requestOf, ({ node: { req, res } }) => new NodeRequestView(req, res))

  const { bff, getSession, requireSession } = webAdapter<Metadata, NuxtEvent, Served>(
    async () => {
      const made = await create()
      close = () => made.close()
      return made
    },
    {
      requestOf,
      makeView: viewOf,
      urlOf: (event) => new URL(viewOf(event).target, 'http://localhost'),
      refuse({ error, isOpened, signIn }) {
        if (signIn === null || !isOpened) throw error
        throw new Response(null, { status: 303, headers: { location: signIn, 'cache-control': 'no-store' } })
      },
    },
  )

  function addContext(event: NuxtEvent): void {
    // A page that Nitro caches is the same for everybody.
    const isShared = () => 'cache' in event.context
    Object.defineProperty(event.context, 'session', {
      configurable: true,
      enumerable: true,
      get: () => (isShared() ? Promise.resolve(null) : getSession(event)),
    })
    event.context['initialSession'] = async (options: BffClientOptions) => {
      if (isShared()) return undefined
      // So that the back button never shows the page of a former user.
      event.node.res.setHeader('cache-control', 'no-store')
      return initialSessionOf(await bff(), viewOf(event), options)
    }
  }

  return {
    bff,
    getSession,
    requireSession,

    withSession(handler, options) {
      return async (event) => {
        const { requireSession, errorReply } = await bff()
        const session = await requireSession(viewOf(event), options).catch((cause: unknown) => {
          throw webResponse(errorReply(cause))
        })
        return handler(event, session)
      }
    },

    plugin({ h3App, hooks }) {
      if (import.meta.prerender) return
      const app = h3App as { handler: (event: NuxtEvent) => unknown }
      const { handler } = app
      app.handler = async (event) => {
        const made = await bff()
        const deliver = (reply: Reply | Promise<Reply>) => deliverReply(made, reply, event.node.res)
        const reply = made.handle(viewOf(event))
        if (reply !== undefined) return deliver(reply)
        try {
          return await handler(event)
        } catch (cause) {
          if (cause instanceof Response)
            return deliver({ status: cause.status, headers: [...cause.headers], body: cause.body })
          if (!isBffError(cause)) throw cause
          return deliver(made.errorReply(cause))
        }
      }
      hooks.hook('request', addContext)
      hooks.hook('close', () => close())
    },
  }
}
