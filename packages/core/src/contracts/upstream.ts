/** One request to an API behind the BFF. */
export interface UpstreamRequest {
  readonly method: string
  /** Absolute, already in the form a URL parser would give it: its path and query are sent byte for byte. */
  readonly url: string
  /**
   * Lower-case names, each once. `host` and connection headers are the transport's own; `content-length` is
   * there only when the length of a streamed body is known.
   */
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>
  readonly body: AsyncIterable<Uint8Array> | Uint8Array | null
  /**
   * Belongs to this request alone. It aborts when the client goes away, when time is up and when the exchange is
   * over; the transport then gives up at once, rejecting `send` or throwing from the body with the signal's reason.
   */
  readonly signal: AbortSignal
  /**
   * Milliseconds until the response headers must be there, connecting included. While the next piece of a streamed body is
   * waited for, no time passes; with each piece, and with the end of the body, it starts anew. 0: no limit.
   */
  readonly headersTimeoutMs: number
}

export interface UpstreamResponse {
  readonly status: number
  /** Lower-case names; one entry per `set-cookie`. Values have one character for each byte (Latin-1). */
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>
  /** `null` when there is none. Returning from the iterator early cancels the response; a broken one throws. */
  readonly body: AsyncIterable<Uint8Array> | null
}

/**
 * The transport of the proxy: sends one request, follows no redirect, decodes no content encoding it does not
 * also remove from the headers, verifies TLS. It sets no limit on how long a body takes or stands still: the proxy
 * watches that, and knows which bodies are event streams.
 */
export interface Upstream {
  /** @throws BffError `upstream_unavailable`, `upstream_timeout`; the signal's reason once that aborted */
  send(request: UpstreamRequest): Promise<UpstreamResponse>
  /**
   * Sends a WebSocket handshake (RFC 6455), adding the `connection` and `upgrade` headers. After a 101 whose
   * `sec-websocket-accept` is right, the request's body goes to the API as it comes, and the response's body is what
   * the API sends, until either side closes or the signal aborts. The body is not touched on any other answer.
   *
   * Absent: this transport has no WebSockets.
   *
   * @throws as `send`
   */
  upgrade?(request: UpstreamRequest): Promise<UpstreamResponse>
  close(): Promise<void>
}
