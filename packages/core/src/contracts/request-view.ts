/**
 * A request as plain data: what the pipeline needs, at no cost for members that are not used.
 *
 * A framework adapter makes one by wrapping the framework's own request.
 */
export interface RequestView {
  readonly method: string
  /**
   * Origin-form, such as `/bff/user?x=1`: no scheme, no host, exactly as it came over the wire. Empty where the framework does
   * not say it, as Next.js while it renders a page.
   */
  readonly target: string
  /**
   * The host that a request names besides its `Host` header: `:authority` in HTTP/2, the address of a Web `Request` that came
   * without the header. Absent: there is only the header.
   */
  readonly host?: string | undefined
  /** The address of the socket's peer; the option `clientAddress` resolves proxies. `undefined` on a Unix socket. */
  readonly remoteAddress: string | undefined
  /**
   * Returns the value of a header by its lower-case name; duplicates are joined as in Node (`cookie` by `; `, others by
   * `, `).
   */
  header(name: string): string | undefined
  /** Returns all headers with lower-case names; duplicates are separate entries where the framework keeps them. */
  headers(): Iterable<readonly [name: string, value: string]>
  /**
   * Returns the unread body, at most once; `undefined` when the request has none.
   *
   * @throws BffError `body_consumed` when something has already read the body
   */
  body(): AsyncIterable<Uint8Array> | undefined
  /** Aborts when the client disconnects. Created on first read. */
  readonly signal: AbortSignal
  /**
   * Calls `leave` when the client disconnects, at once when it has disconnected. Returns a function that stops watching.
   * A view with this method spares a proxied request an `AbortSignal`.
   *
   * Absent: the proxy uses `signal`.
   */
  onDisconnect?(leave: () => void): () => void
  /**
   * Whether the client asks to switch protocols, as for a WebSocket, and this framework can. A reply of status 101 then
   * takes over the connection: `body()` is what the client sends after that, and the reply's body is what the client
   * receives.
   *
   * @default false
   */
  readonly upgrade?: boolean
}
