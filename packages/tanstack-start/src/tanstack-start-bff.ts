import { type Bff, type ServedBff, webRequestView } from '@bff/core'
import { refuseUnknown } from '@bff/core/authoring'
import { type CreateBff, type WebBff, webAdapter } from '@bff/core/web'
import { redirect } from '@tanstack/react-router'

/** What request middleware and the handlers of server routes receive, as far as it is used here. */
export interface StartEvent {
  /** The request: in a server function, `getRequest()` of `@tanstack/react-start/server`. */
  readonly request: Request
  /**
   * The path and query of the page, to which the user returns after sign-in: `location.href` of `beforeLoad`.
   *
   * @default the page that calls a server function, otherwise the address of the request
   */
  readonly page?: string
}

/** Options of {@link tanStackStartBff}. */
export interface TanStackStartBffOptions {
  /**
   * Returns the address of the socket's peer, such as `getRequestIP()` of `@tanstack/react-start/server`.
   *
   * @default unknown
   */
  readonly remoteAddress?: (request: Request) => string | undefined
  /**
   * Whether `onRequest` makes the CSRF check `form` for form posts to the app's own server functions and routes. Switch it off
   * only for an app that makes such a check itself. @default true
   */
  readonly checkForms?: boolean
}

/**
 * A BFF for TanStack Start: server functions, server routes and request middleware read the session. `getSession` and
 * `requireSession` throw the BFF's own reply as a `Response`, and a `redirect` that opens the sign-in as a document, also from
 * a client navigation. Each part can be destructured and used alone.
 */
export interface TanStackStartBff<
  Metadata = Readonly<Record<string, unknown>>,
  Served extends ServedBff<Metadata> = Bff<Metadata>,
> extends WebBff<Metadata, StartEvent, Served> {
  /**
   * The function of the first request middleware, `createMiddleware().server(onRequest)`: serves the BFF's endpoints and
   * proxied APIs.
   */
  onRequest<Result>(event: StartEvent & { next(): Result | Promise<Result> }): Promise<Response | Result>
}

/**
 * Adds a BFF to a TanStack Start app. It calls `create` at the first request, never during `vite build`.
 *
 * @throws BffError `invalid_config` for an unknown option
 * @example
 * ```ts
 * // src/bff.ts
 * import { createBff } from '@bff/core'
 * import { memoryStore } from '@bff/store-memory'
 * import { tanStackStartBff } from '@bff/tanstack-start'
 *
 * export const { onRequest, getSession, requireSession, withSession } = tanStackStartBff(() =>
 *   createBff({
 *     origin: 'https://app.example.com',
 *     store: memoryStore(),
 *     encryptionKeys: [process.env.BFF_ENCRYPTION_KEY ?? ''],
 *   }),
 * )
 * ```
 */
export function tanStackStartBff<
  Metadata = Readonly<Record<string, unknown>>,
  Served extends ServedBff<Metadata> = Bff<Metadata>,
>(
  create: CreateBff<Metadata, Served>,
  options: TanStackStartBffOptions = {},
): TanStackStartBff<Metadata, Served> {
  refuseUnknown('tanStackStartBff', options, ['remoteAddress', 'checkForms'])
  const { remoteAddress, checkForms = true } = options
  const { handle, checkForm, ...parts } = webAdapter<Metadata, StartEvent, Served>(create, {
    requestOf: ({ request }) => request,
    makeView: ({ request }) => webRequestView(request, remoteAddress?.(request)),
    urlOf: addressOf,
    refuse({ error, signIn }) {
      if (signIn === null) throw error
      const headers = { 'cache-control': 'no-store' }
      throw redirect({ href: signIn, reloadDocument: true, statusCode: 303, headers })
    },
  })

  return {
    ...parts,
    async onRequest(event) {
      const response = (await handle(event)) ?? (checkForms ? await checkForm(event) : undefined)
      return response ?? event.next()
    },
  }
}

/** A server function has an address of its own: the user returns to the page that calls it, its query included. */
function addressOf({ request, page }: StartEvent): Pick<URL, 'pathname' | 'search'> {
  const { headers, url } = request
  const caller = page ?? (headers.has('x-tsr-serverfn') ? headers.get('referer') : null)
  if (caller === null) return new URL(url)
  const { pathname, search } = new URL(caller, url)
  return { pathname: pathname + search, search: '' }
}
