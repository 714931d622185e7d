import type { SessionEvent, SessionState } from './session-state.ts'

/** Options of `createBffClient`. */
export interface BffClientOptions {
  /** Where the BFF's endpoints are. @default /bff */
  readonly basePath?: string
  /** The header that vouches for this page; the same as in `createBff`. */
  readonly csrf?: {
    /** @default x-csrf */
    readonly headerName?: string
    /** @default 1 */
    readonly headerValue?: string
  }
  /** Whether to ask for the user's claims too. @default true */
  readonly claims?: boolean
  /** How often a page someone looks at asks whether its session lives, milliseconds; 0: never. @default 60_000 */
  readonly pollMs?: number
  /** How long before the session's end to warn, milliseconds. @default 120_000 */
  readonly warnBeforeMs?: number
  /** How requests travel. @default the page's `fetch` */
  readonly fetch?: typeof fetch
}

/** Where to go afterwards. */
export interface ReturnOptions {
  /** A path of this site, such as `/orders?page=2`. */
  readonly returnTo?: string
}

/** The page's side of a BFF. Its methods need no `this`. */
export interface BffClient {
  /** What is known now. It stays `unknown` until someone subscribes or calls `refetch`. */
  readonly session: SessionState
  /**
   * Calls `listener` with every change, and answers what ends that. While anyone listens, the client asks the server again
   * whenever someone looks at the page, hears of its other tabs, and warns before the end.
   */
  subscribe(listener: (event: SessionEvent) => void): () => void
  /** Asks the server now, without keeping the session awake. Never rejects: what went wrong is in `error`. */
  refetch(): Promise<SessionState>
  /**
   * Keeps the session awake, as any call to an API does, and answers its new end.
   *
   * @throws BffRequestError when the server does not answer
   */
  keepAlive(): Promise<SessionState>
  /** Leaves for the sign-in, and comes back to `returnTo`, by default to where the page is now. */
  signIn(options?: ReturnOptions): void
  /**
   * Ends the session here, in the other tabs and at the provider, and leaves for the provider's sign-out page. Where there
   * is none it goes to `returnTo`, or stays on the page when that is missing too.
   *
   * @throws BffRequestError when the server could not end it; then nobody is signed out
   */
  signOut(options?: ReturnOptions): Promise<void>
  /**
   * The page's `fetch`, with the CSRF header on requests to this page's own origin and on no others. An answer is the
   * server's own, also 401; that it means the end of the session comes as an event.
   */
  readonly fetch: typeof fetch
  /** Ends all the client does; listeners hear no more. */
  close(): void
}
