import type { BffConfig } from './config.ts'
import type { Reply } from './http/reply.ts'
import type { RequestView } from './http/request-view.ts'
import type { Session } from './session/model.ts'

/** A running Backend-for-Frontend. */
export interface Bff<Metadata = Readonly<Record<string, unknown>>> {
  /** Answers a request to one of the BFF's own paths; `undefined`, synchronously, when the path is the app's. */
  handle(request: RequestView): Promise<Reply> | undefined
  /**
   * The session of a request, or `null`; asked twice for one view it reads the store once. Never touches the
   * response.
   *
   * @throws BffError `store_unavailable`: an outage is not a sign-out
   */
  authenticate(request: RequestView): Promise<Session<Metadata> | null>
  /** The same over Web-standard objects; answers 404 on paths that are not the BFF's. */
  fetch(request: Request): Promise<Response>
  /** Turns any error into the JSON reply the BFF itself would send, for the app's own routes. */
  errorReply(error: unknown): Reply
  /** Closes what the BFF opened itself and the stores it was given. Idempotent. */
  close(): Promise<void>
}

export declare function createBff<Metadata = Readonly<Record<string, unknown>>>(
  config: BffConfig<Metadata>,
): Bff<Metadata>
