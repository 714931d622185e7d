import type { Endpoint, PluginContext } from './endpoint.ts'
import type { Reply } from './reply.ts'
import type { RequestView } from './request-view.ts'
import type { Session } from './session.ts'

/** A further room of the BFF: endpoints of its own, something around every request, or both. */
export interface Plugin {
  /**
   * By absolute path, such as `/bff/sessions`. A path that ends in `/*` takes one more segment, whatever it is, and none
   * of the paths named exactly. They answer 405, check CSRF and report errors as the BFF's own do.
   */
  readonly endpoints?: Readonly<Record<string, Endpoint>>
  /**
   * Stands around each request to a path of the BFF, its proxied APIs included, ahead of the CSRF check. `next` always
   * resolves: faults have become replies. The first plugin stands outermost.
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
