import { type Bff, isBffError, type ServedBff, type Session, webRequestView, webResponse } from '@bff/core'
import { refuseUnknown } from '@bff/core/authoring'
import { type CreateBff, type WebBff, webAdapter } from '@bff/core/web'
import type { APIContext, MiddlewareHandler } from 'astro'

/** What pages (`Astro`), endpoints, actions and middleware have in common, as far as it is used here. */
export type AstroContext = Pick<APIContext, 'request' | 'url' | 'clientAddress'>

/** What `onRequest` adds to `locals`: your app's `App.Locals` extends it. */
export interface BffLocals<Metadata = Readonly<Record<string, unknown>>> {
  /** The active session, or `null`; read from the store at the first use. Rejects with a `BffError` when the store is down. */
  readonly session: Promise<Session<Metadata> | null>
}

/** Options of {@link astroBff}. */
export interface AstroBffOptions {
  /**
   * Whether `onRequest` makes the CSRF check `form` for form posts to the app's own pages, endpoints and actions, as Astro does
   * with `security.checkOrigin`. Switch it off only for an app that makes such a check itself. @default true
   */
  readonly checkForms?: boolean
}

/**
 * A BFF for Astro: pages, endpoints, actions and middleware read the session. `getSession` and `requireSession` throw a
 * `BffError`, and a redirect to the sign-in, which `onRequest` answers. Each part can be destructured and used alone.
 */
export interface AstroBff<
  Metadata = Readonly<Record<string, unknown>>,
  Served extends ServedBff<Metadata> = Bff<Metadata>,
> extends WebBff<Metadata, AstroContext, Served> {
  /**
   * The export of `src/middleware.ts`: serves the BFF's endpoints and proxied APIs, and adds `locals.session`. In a `sequence`,
   * put it first.
   */
  readonly onRequest: MiddlewareHandler
}

/**
 * Adds a BFF to an Astro app. It calls `create` at the first request, never during `astro build`.
 *
 * Set `security: { checkOrigin: false }` in the Astro configuration: Astro's own check refuses the provider's back-channel
 * logout, which comes without an `Origin`. `onRequest` makes a stricter check for the app's routes.
 *
 * @throws BffError `invalid_config` for an unknown option
 * @example
 * ```ts
 * // src/bff.ts
 * import { astroBff } from '@bff/astro'
 * import { createBff } from '@bff/core'
 * import { memoryStore } from '@bff/store-memory'
 *
 * export const { bff, onRequest, getSession, requireSession, withSession } = astroBff(() =>
 *   createBff({
 *     origin: 'https://app.example.com',
 *     store: memoryStore(),
 *     encryptionKeys: [process.env.BFF_ENCRYPTION_KEY ?? ''],
 *   }),
 * )
 * ```
 */
export function astroBff<
  Metadata = Readonly<Record<string, unknown>>,
  Served extends ServedBff<Metadata> = Bff<Metadata>,
>(create: CreateBff<Metadata, Served>, options: AstroBffOptions = {}): AstroBff<Metadata, Served> {
  refuseUnknown('astroBff', options, ['checkForms'])
  const { checkForms = true } = options
  const { handle, checkForm, ...parts } = webAdapter<Metadata, AstroContext, Served>(create, {
    requestOf: ({ request }) => request,
    makeView: ({ request, clientAddress }) => webRequestView(request, clientAddress),
    urlOf: ({ url }) => url,
    refuse({ error, isOpened, signIn }) {
      // Astro's client router loads a page as a document when a fetch of it does not answer with HTML.
      if (signIn === null || !isOpened) throw error
      throw new Response(null, { status: 303, headers: { location: signIn, 'cache-control': 'no-store' } })
    },
  })

  return {
    ...parts,

    async onRequest(context, next) {
      const session = {
        get: () => (context.isPrerendered ? Promise.resolve(null) : parts.getSession(context)),
      }
      Object.defineProperty(context.locals, 'session', { ...session, configurable: true })
      if (context.isPrerendered) return next()
      const response = (await handle(context)) ?? (checkForms ? await checkForm(context) : undefined)
      if (response !== undefined) return response
      try {
        return await next()
      } catch (thrown) {
        if (thrown instanceof Response) return thrown
        if (!isBffError(thrown)) throw thrown
        return webResponse((await parts.bff()).errorReply(thrown))
      }
    },
  }
}
