/**
 * A request as plain data: all the pipeline needs, and nothing that costs when unused.
 *
 * Build one by wrapping what the host already has. Every framework adapter is a skin over this.
 */
export interface RequestView {
  readonly method: string
  /** Origin-form, such as `/bff/user?x=1`: no scheme, no host, exactly as it came over the wire. */
  readonly target: string
  /** The socket's peer; proxies are resolved by configuration. `undefined` on a Unix socket. */
  readonly remoteAddress: string | undefined
  /** The value of a lower-case header name; duplicates joined as Node does (`cookie` by `; `, others by `, `). */
  header(name: string): string | undefined
  /** All headers, lower-case names, duplicates as separate entries where the host keeps them. */
  headers(): Iterable<readonly [name: string, value: string]>
  /**
   * The unread body, at most once; `undefined` when the request has none.
   *
   * @throws BffError `body_consumed` when something read it before
   */
  body(): AsyncIterable<Uint8Array> | undefined
  /** Aborts when the client goes away. Created on first read. */
  readonly signal: AbortSignal
  /**
   * Whether the client asks to switch protocols, as for a WebSocket, and this host can. A reply of status 101 then takes
   * the connection over: `body()` is what the client sends from there on, the reply's body what it gets.
   *
   * @default false
   */
  readonly upgrade?: boolean
}
