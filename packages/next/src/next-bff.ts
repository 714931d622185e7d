import { type Bff, BffError, type CsrfCheck, type GuardOptions, isBffError, type Session } from '@bff/core'
import { refuseUnknown } from '@bff/core/authoring'
import { headers } from 'next/headers.js'
import { connection, type NextRequest } from 'next/server.js'
import { cache } from 'react'
import { headersView } from './headers-view.ts'
import { keptInProcess } from './kept-in-process.ts'
import { CONFIGURED_BASE_PATH } from './next-paths.ts'
import { atPublicTarget, nextRequestView } from './next-request-view.ts'
import { nextResponse } from './next-response.ts'

/** A route handler that needs no parameters of its path. */
export type RouteHandler = (request: Request) => Promise<Response>

/** Every method a `route.ts` can export. */
export type RouteHandlers = Readonly<
  Record<'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS', RouteHandler>
>

type Handler<Metadata, Context> = (
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
export interface NextBff<Metadata = Readonly<Record<string, unknown>>> {
  /** Returns the BFF, made at the first use, once for the process. */
  bff(): Promise<Bff<Metadata>>
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
    handler: Handler<Metadata, Context>,
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
export function nextBff<Metadata = Readonly<Record<string, unknown>>>(
  create: () => Bff<Metadata> | Promise<Bff<Metadata>>,
  options: NextBffOptions = {},
): NextBff<Metadata> {
  refuseUnknown('nextBff', options, ['name', 'remoteAddress', 'basePath'])
  const { name = 'bff', remoteAddress, basePath = CONFIGURED_BASE_PATH } = options
  const bff = keptInProcess(name, async () => create())
  /** Looks at the request first, so that Next knows before anything is made that this route is not static. */
  async function open(request: Request) {
    const view = nextRequestView(request, remoteAddress?.(request))
    const made = await bff()
    return { made, view: atPublicTarget(view, basePath, made) }
  }

  const handle: RouteHandler = async (request) => {
    const { made, view } = await open(request)
    return nextResponse(await (made.handle(view) ?? made.errorReply(notFound(made))))
  }

  /** Reports a path of the BFF without Next's `basePath`, because no browser can reach it. */
  function notFound({ options }: Bff<Metadata>): BffError {
    const isReachable = `${options.basePath}/`.startsWith(`${basePath}/`)
    return isReachable
      ? new BffError('not_found')
      : new BffError(
          'not_found',
          `basePath of next.config is ${basePath}: give createBff basePath: '${basePath}${options.basePath}', and routes of the proxy that begin with ${basePath} too.`,
        )
  }

  // By what is checked, so that all of one render share one read of the store.
  const getSession = cache(async (csrf: CsrfCheck | boolean) => {
    // First, so that Next knows before anything is made that this page is not static. `headers()` alone would let it render
    // ahead of a request, for a prefetch, where no clock may be read.
    await connection()
    const view = headersView(csrf === false ? 'GET' : 'POST', await headers())
    return (await bff()).getSession(view, { csrf })
  })

  return {
    bff,
    handlers: {
      GET: handle,
      HEAD: handle,
      POST: handle,
      PUT: handle,
      PATCH: handle,
      DELETE: handle,
      OPTIONS: handle,
    },

    getSession: ({ csrf = false } = {}) => getSession(csrf),

    async requireSession({ csrf = 'form' } = {}) {
      const view = headersView('POST', await headers())
      return (await bff()).requireSession(view, { csrf })
    },

    withSession(handler, options) {
      return async (request, context) => {
        const { made, view } = await open(request)
        const { requireSession, errorReply } = made
        const refuse = (error: unknown) => nextResponse(errorReply(error))
        const session = await requireSession(view, options).catch(refuse)
        if (session instanceof Response) return session
        try {
          return await handler(request, session, context)
        } catch (error) {
          // Next's own control flow, such as notFound(), passes.
          if (!isBffError(error)) throw error
          return refuse(error)
        }
      }
    },
  }
}
