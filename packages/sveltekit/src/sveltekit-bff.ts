import { type Bff, BffError, type RequestView, type ServedBff, webRequestView } from '@bff/core'
import { option, readOptions } from '@bff/core/authoring'
import { type CreateBff, type WebBff, webAdapter } from '@bff/core/web'
import { error, type Handle, type RequestEvent, redirect } from '@sveltejs/kit'

/** Options of {@link svelteKitBff}. */
export interface SvelteKitBffOptions {
  /** `building` of `$app/environment`: while SvelteKit prerenders pages, the BFF is not made. @default false */
  readonly building?: boolean
  /**
   * Whether `handle` makes the CSRF check `form` for form posts to the app's own routes, as SvelteKit does with
   * `csrf.checkOrigin`. Switch it off only for an app that makes such a check itself. @default true
   */
  readonly checkForms?: boolean
}

/**
 * A BFF for SvelteKit: load functions, form actions, endpoints and hooks read the session. `getSession` and `requireSession`
 * throw SvelteKit's `redirect(303)` and `error(status)`. Each part can be destructured and used alone.
 */
export interface SvelteKitBff<
  Metadata = Readonly<Record<string, unknown>>,
  Served extends ServedBff<Metadata> = Bff<Metadata>,
> extends WebBff<Metadata, RequestEvent, Served> {
  /** The export of `hooks.server.ts`: serves the BFF's endpoints and proxied APIs. In a `sequence`, put it first. */
  readonly handle: Handle
}

/** SvelteKit drops a body that has no `Content-Type`. Passing the request on without it would lose data in silence. */
function withWholeBody(view: RequestView): RequestView {
  const body = view.body.bind(view)
  return Object.assign(view, {
    body() {
      const isExpected =
        Number(view.header('content-length') ?? 0) > 0 || view.header('transfer-encoding') !== undefined
      if (isExpected && view.header('content-type') === undefined)
        throw new BffError('bad_request', 'The request has a body and no Content-Type. Add the header.')
      return body()
    },
  })
}

/** Reads what nobody has read of the body: a client that sends all of it first would never read the response. */
function drained(request: Request, response: Response): Response {
  if (request.body !== null && !request.bodyUsed && !request.body.locked)
    request.body.pipeTo(new WritableStream()).catch(() => {})
  return response
}

/**
 * Adds a BFF to a SvelteKit app. It calls `create` at the first request, never during `vite build`.
 *
 * Set `csrf: { trustedOrigins: ['*'] }` in the SvelteKit configuration: SvelteKit's own check refuses the provider's
 * back-channel logout, which comes without an `Origin`. `handle` makes a stricter check for the app's routes.
 *
 * @throws BffError `invalid_config` for an unknown option
 * @example
 * ```ts
 * // src/lib/server/bff.ts
 * import { createBff } from '@bff/core'
 * import { memoryStore } from '@bff/store-memory'
 * import { svelteKitBff } from '@bff/sveltekit'
 *
 * export const { handle, getSession, requireSession, withSession } = svelteKitBff(() =>
 *   createBff({
 *     origin: 'https://app.example.com',
 *     store: memoryStore(),
 *     encryptionKeys: [process.env.BFF_ENCRYPTION_KEY ?? ''],
 *   }),
 * )
 * ```
 */
export function svelteKitBff<
  Metadata = Readonly<Record<string, unknown>>,
  Served extends ServedBff<Metadata> = Bff<Metadata>,
>(create: CreateBff<Metadata, Served>, options: SvelteKitBffOptions = {}): SvelteKitBff<Metadata, Served> {
  const { building, checkForms } = readOptions('svelteKitBff', options, {
    building: option.flag(false),
    checkForms: option.flag(true),
  })
  const { bff, handle, checkForm, getSession, requireSession, withSession } = webAdapter<
    Metadata,
    RequestEvent,
    Served
  >(create, {
    requestOf: ({ request }) => request,
    makeView: ({ request, getClientAddress }) => withWholeBody(webRequestView(request, getClientAddress())),
    urlOf: ({ url }) => url,
    refuse: ({ error: { message }, reply, signIn }) =>
      signIn === null ? error(reply.status, message) : redirect(303, signIn),
  })

  return {
    bff,
    requireSession,
    withSession,
    getSession: async (event, guard) => (building ? null : getSession(event, guard)),

    async handle({ event, resolve }) {
      if (building) return resolve(event)
      const response = await handle(event)
      if (response !== undefined) return drained(event.request, response)
      const refused = checkForms && !event.isSubRequest ? await checkForm(event) : undefined
      return refused ?? resolve(event)
    },
  }
}
