import type { AnyMetadata } from './public-metadata.ts'
import type { SessionEvent, SessionState } from './session-state.ts'

/** Options of `createBffClient`. */
export interface BffClientOptions<Metadata = AnyMetadata> {
  /** The base path of the BFF's endpoints, `/` too. @default /bff */
  readonly basePath?: string
  /** The CSRF header; the same as in `createBff`. */
  readonly csrf?: {
    /** @default x-csrf */
    readonly headerName?: string
    /** @default 1 */
    readonly headerValue?: string
  }
  /** Whether to request the user's claims too. @default true */
  readonly claims?: boolean
  /** How often a visible page checks its session, in milliseconds; 0: never. @default 60_000 */
  readonly pollMs?: number
  /** How long before the session expires to warn, in milliseconds. @default 120_000 */
  readonly warnBeforeMs?: number
  /**
   * What `fetch` does when an API wants a stronger or a more recent sign-in (`insufficient_user_authentication`): `popup`
   * signs in with `signInWithPopup()` and sends the request again, once. `none` returns the response. @default
   * none
   */
  readonly stepUp?: 'popup' | 'none'
  /**
   * The state with which a server has rendered this page: the first render of the browser is then the same, and the client
   * does not ask again at once. A server gets it with `refetch()` of a client whose `fetch` calls the BFF for
   * this request. Send such a page with `Cache-Control: no-store`.
   *
   * @default unknown
   */
  readonly initialSession?: SessionState<Metadata>
  /**
   * Whether the page may be in a frame of another site: `signInWithPopup` then gives the session of the window to this frame. The BFF
   * needs `embedding()` of `@bff/core/embedding`. It changes nothing while no page frames this one. @default false
   */
  readonly embedded?: boolean
  /** The function that sends requests. @default the page's `fetch` */
  readonly fetch?: typeof fetch
}

/** The page after a sign-in or sign-out. */
export interface ReturnOptions {
  /** A path of this site, such as `/orders?page=2`. */
  readonly returnTo?: string
}

/** How the user must sign in. The BFF accepts what `signInParameters()` of `@bff/core/endpoints` allows. */
export interface StepUpOptions {
  /** The accepted levels, separated by spaces: `acr_values` (OpenID Connect Core §3.1.2.1). @default none */
  readonly acrValues?: string
  /** The most seconds since the user last signed in at the provider: `max_age`. @default none */
  readonly maxAge?: number
}

/** The client of a BFF in a page. Its methods need no `this`. */
export interface BffClient<Metadata = AnyMetadata> {
  /** The current state. It stays `unknown` until the first `subscribe` or `refetch`. */
  readonly session: SessionState<Metadata>
  /** The option `initialSession`: what a server and the first render of the browser show. */
  readonly initialSession: SessionState<Metadata>
  /**
   * Calls `listener` with every change. Returns the function that ends the subscription. While there are listeners, the
   * client asks the server again when the page becomes visible, follows its other tabs, and warns before the session
   * expires.
   */
  subscribe(listener: (event: SessionEvent<Metadata>) => void): () => void
  /** Asks the server now, without touching the session. Never rejects: a failure is in `error`. */
  refetch(): Promise<SessionState<Metadata>>
  /**
   * Touches the session, as any call to an API does, and returns its new expiry.
   *
   * @throws BffRequestError when the server does not answer
   */
  keepAlive(): Promise<SessionState<Metadata>>
  /** Navigates to the sign-in, which returns to `returnTo`, by default to the current page. */
  signIn(options?: ReturnOptions & StepUpOptions): void
  /**
   * Signs in in a window of its own, so that this page keeps what the user has typed. Returns the state after the window has
   * closed, also when the user closed it without a sign-in. While one is open, a second call waits for the same. The BFF
   * needs `popupSignIn()` of `@bff/core/endpoints`, and in a frame `embedding()`.
   *
   * @throws BffRequestError `popup_blocked` when the browser opens no window: call it in a click
   */
  signInWithPopup(options?: StepUpOptions): Promise<SessionState<Metadata>>
  /**
   * Signs out here, in the other tabs and at the provider, and navigates to the provider's sign-out page. Without such a
   * page it navigates to `returnTo`, and without `returnTo` it stays on the page.
   *
   * @throws BffRequestError when the server could not revoke the session; the user is then still signed in
   */
  signOut(options?: ReturnOptions): Promise<void>
  /**
   * The page's `fetch`, with the CSRF header on requests to the page's own origin and on no others. It returns the server's
   * response unchanged, also a 401. When the session has ended, an event follows.
   */
  readonly fetch: typeof fetch
  /** Stops the client; it calls no more listeners. */
  close(): void
}
