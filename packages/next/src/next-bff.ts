import type { Bff, CsrfCheck, GuardOptions, ServedBff, Session } from '@bff/core'
import { option, readOptions } from '@bff/core/authoring'
import { type CreateBff, guardEndpoint } from '@bff/core/web'
import type { NextRequest } from 'next/server.js'
import { cache } from 'react'
import { decodedResponse } from './decoded-response.ts'
import { keptInProcess } from './kept-in-process.ts'
import { CONFIGURED_BASE_PATH, notFound } from './next-paths.ts'
import { atPublicTarget, nextRequestView } from './next-request-view.ts'
import { renderView } from './render-view.ts'
import { handlersWith, type RouteHandler, type RouteHandlers } from './route-handlers.ts'

/** A route handler behind a session. */
export type SessionHandler<Metadata, Context> = (
  request: NextRequest,
  session: Session<Metadata>,
  context: Context,
) => Response | Promise<Response>

/** Options of {@link nextBff}. */
export interface NextBffOptions {
  /** The name of this BFF, when one process has several. @default `bff` */
  readonly name?: string
  /**
   * Returns the address of the socket's peer, which Next does not provide, from a header that only your platform can set.
   *
   * @default unknown
   */
  readonly remoteAddress?: (request: Request) => string | undefined
  /**
   * `basePath` of `next.config`, which a route handler cannot read. Set it only where Next does not bundle this package.
   *
   * @default that of `next.config`
   */
  readonly basePath?: string
}

/** A BFF for Next's App Router. */
export interface NextBff<
  Metadata = Readonly<Record<string, unknown>>,
  Served extends ServedBff<Metadata> = Bff<Metadata>,
> {
  /** Returns the BFF, made at the first use, once for the process. */
  bff(): Promise<Served>
  /** The exports of `app/bff/[...bff]/route.ts`, and of the `route.ts` of each proxied API. */
  readonly handlers: RouteHandlers
  /**
   * Returns the active session, or `null`, in server components, `generateMetadata`, server actions and route handlers. One
   * render reads the store at most once, and it never writes a cookie. Without `csrf` it makes no CSRF check: do not use it
   * for requests that change something.
   *
   * @param options.csrf the kind of CSRF check. Next does not give the method, so every request counts as one that changes
   * something: only `form` accepts it without the CSRF header. @default false
   * @throws BffError `store_unavailable` when the store does not answer; `csrf_violation` when `csrf` is given and the check
   * fails
   */
  getSession(options?: GuardOptions): Promise<Session<Metadata> | null>
  /**
   * Returns the active session of a server action, after the CSRF check. Next's forms cannot send the CSRF header, so the
   * browser's `Sec-Fetch-Site` or `Origin` must show the BFF's configured origin (CSR-02 to CSR-08).
   *
   * @param options.csrf another kind of CSRF check. @default form
   * @throws BffError `csrf_violation`, `no_session`, `session_expired`, `invalid_session`, `refresh_rejected`,
   * `store_unavailable`
   */
  requireSession(options?: GuardOptions): Promise<Session<Metadata>>
  /**
   * Guards a route handler: it checks the CSRF header and requires an active session. A {@link BffError} of the handler
   * becomes the BFF's own reply (401, 403, 503 …).
   */
  withSession<Context>(
    handler: SessionHandler<Metadata, Context>,
    options?: GuardOptions,
  ): (request: NextRequest, context: Context) => Promise<Response>
}

/**
 * Adds a BFF to Next's App Router. It calls `create` at the first request, never during `next build`.
 *
 * The BFF's paths must be those that a browser uses. With the `basePath` `/shop` in `next.config`, set
 * `basePath: '/shop/bff'` in `createBff`, and the route `/shop/api` in its proxy.
 *
 * @throws BffError `invalid_config` for an unknown option
 * @example
 * ```ts
 * import { createBff } from '@bff/core'
 * import { nextBff } from '@bff/next'
 * import { memoryStore } from '@bff/store-memory'
 *
 * export const { handlers, getSession, requireSession, withSession } = nextBff(() =>
 *   createBff({
 *     origin: 'https://app.example.com',
 *     store: memoryStore(),
 *     encryptionKeys: [process.env.BFF_ENCRYPTION_KEY ?? ''],
 *   }),
 * )
 * ```
 */
export function nextBff<
  Metadata = Readonly<Record<string, unknown>>,
  Served extends ServedBff<Metadata> = Bff<Metadata>,
>(create: CreateBff<Metadata, Served>, options: NextBffOptions = {}): NextBff<Metadata, Served> {
  const { name, remoteAddress, basePath } = readOptions('nextBff', options, {
    name: option.text('bff'),
    remoteAddress: option.callback<NonNullable<NextBffOptions['remoteAddress']>>(),
    basePath: option.given(CONFIGURED_BASE_PATH),
  })
  const bff = keptInProcess(name, async () => create())
  /** Looks at the request first, so that Next knows before anything is made that this route is not static. */
  async function open(request: Request) {
    const view = nextRequestView(request, remoteAddress?.(request))
    const made = await bff()
    return { made, view: atPublicTarget(view, basePath, made) }
  }

  const handle: RouteHandler = async (request) => {
    const { made, view } = await open(request)
    const reply = await (made.handle(view) ?? made.errorReply(notFound(basePath, made.bffFor(view))))
    return decodedResponse(reply, made)
  }

  // By what is checked, so that all of one render share one read of the store.
  const getSession = cache(async (csrf: CsrfCheck | boolean) => {
    const view = await renderView(csrf === false ? 'GET' : 'POST')
    return (await bff()).getSession(view, { csrf })
  })

  return {
    bff,
    handlers: handlersWith(handle),

    getSession: ({ csrf = false } = {}) => getSession(csrf),

    async requireSession({ csrf = 'form' } = {}) {
      const view = await renderView('POST')
      return (await bff()).requireSession(view, { csrf })
    },

    withSession(handler, options) {
      return async (request, context) => {
        const { made, view } = await open(request)
        return guardEndpoint(made, view, (session) => handler(request, session, context), options)
      }
    },
  }
}
