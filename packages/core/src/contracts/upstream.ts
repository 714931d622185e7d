/** One request to an API. */
export interface UpstreamRequest {
  readonly method: string
  /** Absolute and normalised as by a URL parser: the transport sends its path and query unchanged. */
  readonly url: string
  /**
   * Lower-case names, each once. The transport adds `host` and the connection headers. `content-length` is set only when the
   * length of a streamed body is known.
   */
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>
  readonly body: AsyncIterable<Uint8Array> | Uint8Array | null
  /**
   * The signal of this request alone. It aborts when the client disconnects, on a timeout and when the exchange is over. The
   * transport then stops at once: it rejects `send`, or throws from the body, with the signal's reason.
   */
  readonly signal: AbortSignal
  /**
   * Calls `stop` once with the signal's reason when the signal aborts; at once when it has aborted. A transport that uses
   * it instead of `signal` spares the proxy an `AbortSignal`, which costs more than the rest of a small exchange.
   *
   * Absent: use `signal`.
   */
  readonly onAbort?: (stop: (reason: unknown) => void) => void
  /**
   * Milliseconds until the response headers must arrive, including the time to connect. The timer stops while the transport
   * waits for the next chunk of a streamed body, and restarts with each chunk and at the end of the body. 0: no limit.
   */
  readonly headersTimeoutMs: number
}

export interface UpstreamResponse {
  readonly status: number
  /** Lower-case names; one entry per `set-cookie`. Values have one character for each byte (Latin-1). */
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>
  /** `null` when there is no body. Returning from the iterator early cancels the response; a broken response throws. */
  readonly body: AsyncIterable<Uint8Array> | null
  /**
   * The whole body, when it arrived together with the headers. `body` yields the same bytes, and must not be read then.
   *
   * Absent: read `body`.
   */
  readonly bytes?: Uint8Array
}

/**
 * The transport of the proxy. It sends one request, follows no redirect and verifies TLS. When it decodes a content
 * encoding, it must remove it from the headers. It sets no time limit on bodies: the proxy does that, and knows which bodies
 * are event streams.
 */
export interface Upstream {
  /** @throws BffError `upstream_unavailable`, `upstream_timeout`; the signal's reason when the signal has aborted */
  send(request: UpstreamRequest): Promise<UpstreamResponse>
  /**
   * Sends a WebSocket handshake (RFC 6455), adding the `connection` and `upgrade` headers. After a 101 with the right
   * `sec-websocket-accept`, it sends the request's body to the API as it arrives, and the response's body is what the API
   * sends, until either side closes or the signal aborts. It does not read the body on any other response.
   *
   * Absent: this transport does not support WebSockets.
   *
   * @throws as `send`
   */
  upgrade?(request: UpstreamRequest): Promise<UpstreamResponse>
  close(): Promise<void>
}
