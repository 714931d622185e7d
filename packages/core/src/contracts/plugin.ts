import type { Endpoint } from './endpoint.ts'
import type { BffErrorCode } from './error-codes.ts'
import type { NewSession } from './new-session.ts'
import type { Parts } from './parts.ts'
import type { Reply } from './reply.ts'
import type { RequestView } from './request-view.ts'
import type { Session } from './session.ts'

/** The parameters of a new sign-in. */
export interface SignInRequest {
  /** A local path. */
  readonly returnTo: string
  /** Authorization parameters. They replace those of the configuration. */
  readonly parameters: Readonly<Record<string, string>>
  /** What `onCreateSession` gets of the parameters of the link. @default none */
  readonly kept?: Readonly<Record<string, string>>
  /** A suffix of the `state`, by which a plugin recognises its sign-in at the callback. */
  readonly mark?: string
  /**
   * Whether the new session is not for this window: it replaces none that the window's cookies name, and the provider learns of none.
   *
   * @default false
   */
  readonly isApart?: boolean
}

/** What a plugin receives: the parts of its BFF, sign-in, and the other plugins. */
export interface PluginContext extends Parts {
  /** Every endpoint by absolute path. The list is complete when all plugins are made: read it during a request. */
  readonly endpoints: ReadonlyArray<readonly [path: string, endpoint: Endpoint]>
  /** Every plugin, in order. The list is complete when all plugins are made: read it during a request. */
  readonly plugins: readonly Plugin[]
  /**
   * Begins a sign-in as `GET /bff/login` does.
   *
   * @throws BffError `invalid_return_to`, `not_configured`, `provider_unavailable`, `provider_misconfigured`,
   * `store_unavailable`
   */
  signIn(request: RequestView, how: SignInRequest): Promise<Reply>
  /**
   * Returns the session of a sign-in, as the hook `onCreateSession` changes it.
   *
   * @throws BffError `sign_in_refused` when the hook throws another error than a `BffError`, which is thrown unchanged
   */
  admit(draft: NewSession, request: RequestView, kept?: Readonly<Record<string, string>>): Promise<NewSession>
  /** Reports a sign-in that could not begin, with its cause, as `GET /bff/login` does. Returns the error's code. */
  reportFailedSignIn(error: unknown): BffErrorCode
}

/** Adds endpoints to the BFF, middleware around every request, or both. The BFF's own endpoints are a plugin too. */
export interface Plugin {
  /**
   * The endpoints by absolute path, such as `/bff/sessions`. A path that ends in `/*` matches any one further segment, but
   * no path that is listed itself. They answer 405, check CSRF and report errors as the BFF's own endpoints do.
   */
  readonly endpoints?: Readonly<Record<string, Endpoint>>
  /**
   * Middleware for each request to a path of the BFF, its proxied APIs included. It runs before the CSRF check. `next`
   * always resolves, because errors become replies. The first plugin wraps all others.
   */
  readonly middleware?: (request: RequestView, path: string, next: () => Promise<Reply>) => Promise<Reply>
  /**
   * Returns authorization parameters for a sign-in that `GET /bff/login` begins. They replace those of the configuration.
   *
   * @throws BffError of any code, such as `bad_request`
   */
  signInParameters?(query: URLSearchParams): Readonly<Record<string, string>>
  /**
   * Called after each sign-in at the callback, when its session is stored and before the browser gets the cookie. A throw
   * refuses the sign-in; the plugin must then revoke the session itself.
   *
   * @param startedAt when the sign-in began, epoch milliseconds
   */
  onSignIn?(session: Session, startedAt: number): Promise<void>
  /**
   * Called once for each request with an active session, before its first use, wherever the request goes: endpoints, proxy,
   * WebSockets, the app's own routes. A throw refuses the session to this request. Do not write and do not ask the store.
   *
   * A refused session goes on: it is not touched, the browser keeps its cookie, and its user can still sign out. With an error
   * of status 401 the request counts as signed out. Any other error is a fault, which says nothing about the session.
   *
   * @throws BffError of any code
   */
  checkSession?(session: Session, request: RequestView): Promise<void>
  /**
   * Whether the plugin limits how often a client may call. Without such a plugin `createBff` warns on a public origin.
   * @default false
   */
  readonly limitsRate?: boolean
  /** Whether the plugin says which sites may frame the app. `sameSite: 'none'` needs one that does. @default false */
  readonly embeds?: boolean
  /**
   * Called once, as soon as all plugins are made and before the first request: `endpoints` and `plugins` of the context are
   * complete.
   *
   * @throws BffError `invalid_config`, from `createBff`
   */
  onReady?(): void
  /** Releases the plugin's resources, when the BFF closes. */
  close?(): Promise<void>
}

/**
 * Makes a plugin for one BFF. Pass it to `createBff` in `plugins`.
 *
 * @throws BffError `invalid_config`
 * @example
 * ```ts
 * import { type PluginFactory, jsonReply } from '@bff/core'
 *
 * export const whoAmI: PluginFactory = ({ options, requests }) => ({
 *   endpoints: {
 *     [`${options.basePath}/me`]: {
 *       methods: { GET: async (request) => jsonReply(200, { user: (await requests.require(request)).userId }) },
 *     },
 *   },
 * })
 * ```
 */
export type PluginFactory = (context: PluginContext) => Plugin
