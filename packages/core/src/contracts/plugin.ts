import type { Endpoint } from './endpoint.ts'
import type { BffErrorCode } from './error-codes.ts'
import type { NewSession } from './new-session.ts'
import type { Parts } from './parts.ts'
import type { Reply } from './reply.ts'
import type { RequestView } from './request-view.ts'
import type { Session } from './session.ts'

/** How a sign-in is begun. */
export interface SignInRequest {
  /** A local path. */
  readonly returnTo: string
  /** Authorization parameters, over those of the configuration. */
  readonly parameters: Readonly<Record<string, string>>
  /** Ends the `state`, so that whoever began it knows it again at the callback. */
  readonly mark?: string
}

/** What a plugin is given: the parts of its BFF, sign-in, and the plugins beside it. */
export interface PluginContext extends Parts {
  /** Every endpoint by absolute path, complete once all plugins are made: look at it when a request comes. */
  readonly endpoints: ReadonlyArray<readonly [path: string, endpoint: Endpoint]>
  /** Every plugin, in order, complete once all are made: look at it when a request comes. */
  readonly plugins: readonly Plugin[]
  /**
   * Begins a sign-in as `GET /bff/login` does.
   *
   * @throws BffError `invalid_return_to`, `not_configured`, `provider_unavailable`, `provider_misconfigured`,
   * `store_unavailable`
   */
  signIn(request: RequestView, how: SignInRequest): Promise<Reply>
  /**
   * The session a sign-in makes, as the app's `onCreateSession` has it.
   *
   * @throws BffError `sign_in_refused` when the hook throws; a `BffError` of its own as it is
   */
  admit(draft: NewSession, request: RequestView): Promise<NewSession>
  /** Reports a sign-in that could not begin, with its cause, as `GET /bff/login` does; returns the error's code. */
  reportFailedSignIn(error: unknown): BffErrorCode
}

/** Endpoints, middleware around every request, or both. The BFF's own endpoints are a plugin as well. */
export interface Plugin {
  /**
   * By absolute path, such as `/bff/sessions`. A path that ends in `/*` takes one more segment, whatever it is, and none
   * of the paths named exactly. They answer 405, check CSRF and report errors as the BFF's own do.
   */
  readonly endpoints?: Readonly<Record<string, Endpoint>>
  /**
   * Middleware for each request to a path of the BFF, its proxied APIs included. It runs before the CSRF check. `next`
   * always resolves: faults have become replies. The first plugin wraps all others.
   */
  readonly around?: (request: RequestView, path: string, next: () => Promise<Reply>) => Promise<Reply>
  /**
   * Authorization parameters for a sign-in that `GET /bff/login` begins, over those of the configuration.
   *
   * @throws BffError `bad_request`, say
   */
  signInParameters?(query: URLSearchParams): Readonly<Record<string, string>>
  /**
   * Asked after each sign-in at the callback, once its session is stored and before the browser gets the cookie. A
   * throw refuses the sign-in; ending the session is then its own task.
   *
   * @param startedAt when the sign-in began, epoch milliseconds
   */
  onSignIn?(session: Session, startedAt: number): Promise<void>
  /** Whether it limits how often a client may call. Without such a plugin `createBff` warns on a public origin. @default false */
  readonly limitsRate?: boolean
  /** Frees what it holds, when the BFF closes. */
  close?(): Promise<void>
}

/**
 * A plugin waiting for the BFF it will belong to; give it to `createBff` in `plugins`.
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
