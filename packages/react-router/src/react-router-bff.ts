import { type Bff, BffError, type ServedBff, webRequestView, webResponse } from '@bff/core'
import { option, readOptions } from '@bff/core/authoring'
import { type CreateBff, type WebBff, webAdapter } from '@bff/core/web'
import {
  type LoaderFunctionArgs,
  type MiddlewareFunction,
  RouterContextProvider,
  redirectDocument,
} from 'react-router'

/** The arguments of a loader, an action or middleware, as far as they are used here. */
export type ReactRouterArgs = Pick<LoaderFunctionArgs, 'request' | 'url'> & { readonly context: unknown }

/** Options of {@link reactRouterBff}. */
export interface ReactRouterBffOptions {
  /**
   * Returns the address of the socket's peer, which React Router does not provide: from the context that your server fills in
   * `getLoadContext`, or from a header that only your platform can set.
   *
   * @default unknown
   */
  readonly remoteAddress?: (request: Request, context: Readonly<RouterContextProvider>) => string | undefined
}

/**
 * A BFF for React Router: loaders, actions and middleware read the session. `getSession` and `requireSession` throw the BFF's
 * own reply as a `Response`, and `redirectDocument` to the sign-in, so that the browser opens it as a document, also from a
 * client navigation. Each part can be destructured and used alone.
 */
export interface ReactRouterBff<
  Metadata = Readonly<Record<string, unknown>>,
  Served extends ServedBff<Metadata> = Bff<Metadata>,
> extends WebBff<Metadata, ReactRouterArgs, Served> {
  /**
   * The export `middleware` of the routes `bff/*` and of each proxied API: serves the BFF's endpoints and proxied APIs. A path
   * that is not the BFF's passes.
   */
  readonly middleware: MiddlewareFunction<Response>[]
}

/**
 * Adds a BFF to a React Router app in framework mode. It calls `create` at the first request, never during the build.
 *
 * React Router 7 runs middleware with `future: { v8_middleware: true }` in `react-router.config.ts`.
 *
 * @throws BffError `invalid_config` for an unknown option
 * @example
 * ```ts
 * // app/bff.server.ts
 * import { createBff } from '@bff/core'
 * import { reactRouterBff } from '@bff/react-router'
 * import { memoryStore } from '@bff/store-memory'
 *
 * export const { middleware, getSession, requireSession, withSession } = reactRouterBff(() =>
 *   createBff({
 *     origin: 'https://app.example.com',
 *     store: memoryStore(),
 *     encryptionKeys: [process.env.BFF_ENCRYPTION_KEY ?? ''],
 *   }),
 * )
 * ```
 */
export function reactRouterBff<
  Metadata = Readonly<Record<string, unknown>>,
  Served extends ServedBff<Metadata> = Bff<Metadata>,
>(
  create: CreateBff<Metadata, Served>,
  options: ReactRouterBffOptions = {},
): ReactRouterBff<Metadata, Served> {
  const { remoteAddress } = readOptions('reactRouterBff', options, {
    remoteAddress: option.callback<NonNullable<ReactRouterBffOptions['remoteAddress']>>(),
  })
  const { bff, handle, getSession, requireSession, withSession } = webAdapter<
    Metadata,
    ReactRouterArgs,
    Served
  >(create, {
    // React Router makes it for each request: loaders may each get a request object of their own.
    requestOf: ({ context }) => contextOf(context),
    makeView: ({ request, context }) => webRequestView(request, remoteAddress?.(request, contextOf(context))),
    urlOf: ({ url }) => url,
    refuse({ reply, signIn }) {
      if (signIn === null) throw webResponse(reply)
      // Not stored: a prefetched answer must not send a user who has signed in since to sign in again.
      throw redirectDocument(signIn, { status: 303, headers: { 'cache-control': 'no-store' } })
    },
  })
  return {
    bff,
    getSession,
    requireSession,
    withSession,
    middleware: [async (args, next) => (await handle(args)) ?? next()],
  }
}

function contextOf(context: unknown): Readonly<RouterContextProvider> {
  if (context instanceof RouterContextProvider) return context
  throw new BffError(
    'invalid_config',
    'React Router runs without middleware. Set future: { v8_middleware: true } in react-router.config, and return a RouterContextProvider from getLoadContext.',
  )
}
