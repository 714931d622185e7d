import type { Bff, GuardOptions, ServedBff } from '../contracts/bff.ts'
import type { BffErrorCode } from '../contracts/error-codes.ts'
import type { Reply } from '../contracts/reply.ts'
import type { RequestView } from '../contracts/request-view.ts'
import type { Session } from '../contracts/session.ts'
import { type BffError, isBffError } from '../internal/bff-error.ts'
import { isOpened as isOpenedByUser } from '../internal/http/opened.ts'
import { webResponse } from '../internal/http/web.ts'
import { isFormPost, isSafe } from './form-post.ts'
import { guardEndpoint } from './guard-endpoint.ts'
import { requestViews } from './request-views.ts'

/**
 * Makes what a framework's adapter serves: a BFF, or several with `frontends()`.
 */
export type CreateBff<Metadata, Served extends ServedBff<Metadata>> = () =>
  | (Served & ServedBff<Metadata>)
  | Promise<Served & ServedBff<Metadata>>

/**
 * A BFF in a framework's pages and endpoints. `Event` is what the framework passes to them, and `Served` is what the app makes:
 * a BFF, or several with `frontends()`.
 */
export interface WebBff<Metadata, Event, Served extends ServedBff<Metadata> = Bff<Metadata>> {
  /** Returns the BFF, made at the first use, and again after a failure. */
  bff(): Promise<Served>
  /**
   * Returns the active session, or `null`, anywhere on the server. One request reads the store at most once. Without `csrf` it
   * makes no CSRF check: do not use it for requests that change something.
   *
   * @throws the framework's answer with the status of the BFF's reply: 503 when the store does not answer; 403 when `csrf` is
   * given and the check fails
   */
  getSession(event: Event, options?: GuardOptions): Promise<Session<Metadata> | null>
  /**
   * Returns the active session for a page or its form, and redirects to the sign-in without one. After sign-in the user returns
   * to the page.
   *
   * @param options.csrf another kind of CSRF check. @default `form` for requests that may change something, none for GET and
   * HEAD
   * @throws the framework's redirect to the sign-in, or its answer with the status of the BFF's reply: 403 when the CSRF check
   * fails, and 503 when the store does not answer
   */
  requireSession(event: Event, options?: GuardOptions): Promise<Session<Metadata>>
  /**
   * Guards an endpoint: it checks the CSRF header and requires an active session, and answers 403, 401 or 503 as the BFF does.
   * A `BffError` of the handler becomes the BFF's own reply.
   */
  withSession<E extends Event>(
    handler: (event: E, session: Session<Metadata>) => Response | Promise<Response>,
    options?: GuardOptions,
  ): (event: E) => Promise<Response>
}

/** What an adapter needs beside what it gives the app. */
export interface WebAdapter<Metadata, Event, Served extends ServedBff<Metadata> = Bff<Metadata>>
  extends WebBff<Metadata, Event, Served> {
  /** Answers a request to one of the BFF's own paths. Resolves to `undefined` when the path belongs to the app. */
  handle(event: Event): Promise<Response | undefined>
  /**
   * Makes the CSRF check `form` for a request that a page of another site could have sent without a CORS preflight. Resolves
   * to the BFF's reply when the check fails, otherwise to `undefined`.
   */
  checkForm(event: Event): Promise<Response | undefined>
}

/** Why a page gets no session. */
export interface Refusal {
  readonly error: BffError
  /** The BFF's own reply to the error. */
  readonly reply: Reply
  /** The path of the sign-in that returns to the page, or `null` where a sign-in does not help. */
  readonly signIn: string | null
  /**
   * Whether a user opens the page as a document. `false`: a script fetches it, or the browser loads it ahead of a click. A
   * fetch that follows a redirect to the sign-in fails there.
   */
  readonly isOpened: boolean
}

/** How a framework passes its requests. */
export interface WebHost<Event> {
  /** Returns the object that everything that serves one request has in common. */
  requestOf(event: Event): object
  /** Makes the request as the BFF sees it; called once for each request. */
  makeView(event: Event): RequestView
  /** Returns the address of the page, without the marks of the framework's own router. */
  urlOf(event: Event): Pick<URL, 'pathname' | 'search'>
  /** Throws what the framework answers a refused page with. It must not store a redirect to the sign-in. */
  refuse(refusal: Refusal, event: Event): never
}

/** The errors after which a new sign-in helps. */
const NOT_SIGNED_IN: ReadonlySet<BffErrorCode> = new Set([
  'no_session',
  'session_expired',
  'invalid_session',
  'refresh_rejected',
  'device_unproven',
])

/**
 * Makes the parts of an adapter for a framework whose request is a Web `Request`. It calls `create` at the first request, so
 * that a build needs no secret.
 *
 * @example
 * ```ts
 * import { type Bff, webRequestView, webResponse } from '@bff/core'
 * import { webAdapter } from '@bff/core/web'
 *
 * export const myAdapter = (create: () => Bff) =>
 *   webAdapter(create, {
 *     requestOf: (request: Request) => request,
 *     makeView: (request) => webRequestView(request),
 *     urlOf: ({ url }) => new URL(url),
 *     refuse({ signIn, reply }) {
 *       if (signIn === null) throw webResponse(reply)
 *       throw new Response(null, { status: 303, headers: { location: signIn, 'cache-control': 'no-store' } })
 *     },
 *   })
 * ```
 */
export function webAdapter<Metadata, Event, Served extends ServedBff<Metadata> = Bff<Metadata>>(
  create: CreateBff<Metadata, Served>,
  host: WebHost<Event>,
): WebAdapter<Metadata, Event, Served> {
  const viewOf = requestViews<Event>(host.requestOf, host.makeView)

  let made: Promise<Served> | undefined
  function bff(): Promise<Served> {
    made ??= (async () => create())().catch((cause: unknown) => {
      made = undefined
      throw cause
    })
    return made
  }

  /** @throws every other error as it is */
  function refuse(
    cause: unknown,
    event: Event,
    signIn: string | null,
    { errorReply }: ServedBff<Metadata>,
  ): never {
    if (!isBffError(cause)) throw cause
    const isOpened = isOpenedByUser(viewOf(event))
    return host.refuse({ error: cause, reply: errorReply(cause), signIn, isOpened }, event)
  }

  return {
    bff,

    async handle(event) {
      const reply = (await bff()).handle(viewOf(event))
      return reply === undefined ? undefined : webResponse(await reply)
    },

    async checkForm(event) {
      const { getSession, errorReply } = await bff()
      const view = viewOf(event)
      if (!isFormPost(view)) return undefined
      try {
        await getSession(view, { csrf: 'form' })
        return undefined
      } catch (cause) {
        return webResponse(errorReply(cause))
      }
    },

    async getSession(event, options) {
      const made = await bff()
      return made
        .getSession(viewOf(event), options)
        .catch((cause: unknown) => refuse(cause, event, null, made))
    },

    async requireSession(event, options = {}) {
      const made = await bff()
      const view = viewOf(event)
      const { csrf = isSafe(view) ? false : 'form' } = options
      return made.requireSession(view, { csrf }).catch((cause: unknown) => {
        const isSignedOut = isBffError(cause) && NOT_SIGNED_IN.has(cause.code)
        return refuse(cause, event, isSignedOut ? signInOf(made, view, host.urlOf(event)) : null, made)
      })
    },

    withSession(handler, options) {
      return async (event) =>
        guardEndpoint(await bff(), viewOf(event), (session) => handler(event, session), options)
    },
  }
}

function signInOf(
  served: Pick<ServedBff<unknown>, 'bffFor'>,
  view: RequestView,
  { pathname, search }: Pick<URL, 'pathname' | 'search'>,
): string | null {
  const bff = served.bffFor(view)
  if (bff === null) return null
  // The address of a form post may name an action, which the user must not repeat by a GET.
  const returnTo = pathname + (view.method === 'GET' ? search : '')
  return `${bff.options.basePath}/login?returnTo=${encodeURIComponent(returnTo)}`
}
