import type { Clock } from './clock.ts'
import type { Hooks } from './config.ts'
import type { Encryptor } from './encryptor.ts'
import type { BffErrorCode } from './error-codes.ts'
import type { Emit } from './events.ts'
import type { IdentityProvider } from './identity-provider.ts'
import type { NewSession } from './new-session.ts'
import type { Reply } from './reply.ts'
import type { RequestSessions } from './request-sessions.ts'
import type { RequestView } from './request-view.ts'
import type { ResolvedOptions } from './resolved-options.ts'
import type { SessionRecord } from './session.ts'
import type { LogoutMarks, SessionEnding } from './session-ending.ts'
import type { Sessions } from './sessions.ts'
import type { Stores } from './stores.ts'
import type { TokenRevocation } from './token-revocation.ts'

/** What endpoints and plugins are made of: the composition root's parts, one instance each. */
export interface PluginContext {
  readonly options: ResolvedOptions
  readonly stores: Stores
  readonly encryptor: Encryptor
  readonly provider: IdentityProvider | null
  readonly sessions: Sessions
  readonly ending: SessionEnding
  readonly marks: LogoutMarks
  readonly revocation: TokenRevocation
  readonly requests: RequestSessions
  readonly hooks: Hooks<Readonly<Record<string, unknown>>>
  readonly clock: Clock
  readonly emit: Emit
  /** Every endpoint by absolute path, once all plugins are made: look at it when a request comes. */
  readonly endpoints: ReadonlyArray<readonly [path: string, endpoint: Endpoint]>
  /** The address the browser calls from, as the option of this name tells it; `null` when unknown. */
  clientAddress(request: RequestView): string | null
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
  /**
   * Refreshes now; `null` when the session has ended meanwhile.
   *
   * @throws BffError `refresh_rejected` when this refresh has ended it, and what a refresh may fail with
   */
  refresh(record: SessionRecord): Promise<SessionRecord | null>
}

/** One of the BFF's own paths. */
export interface Endpoint {
  /** By method; anything else answers 405. */
  readonly methods: Readonly<Record<string, (request: RequestView, query: URLSearchParams) => Promise<Reply>>>
  /** Methods that carry a defence of their own in place of the CSRF header: navigations, and calls by servers (BFF-10). */
  readonly csrfExempt?: readonly string[]
  /** Whether GET, as a navigation, changes something: there is no HEAD then, which programs send to look. @default false */
  readonly getChanges?: boolean
}

/** How a sign-in is begun. */
export interface SignInRequest {
  /** A local path. */
  readonly returnTo: string
  /** Authorization parameters, over those of the configuration. */
  readonly parameters: Readonly<Record<string, string>>
  /** Ends the `state`, so that whoever began it knows it again at the callback. */
  readonly mark?: string
}
