/** One request to an API behind the BFF. */
export interface UpstreamRequest {
  readonly method: string
  /** Absolute URL whose path is sent as it stands, percent-encoding kept. */
  readonly url: string
  /** Lower-case names. `host`, `content-length` of streams and connection headers are the transport's own. */
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>
  readonly body: AsyncIterable<Uint8Array> | Uint8Array | null
  /** Aborts when the client goes away or the total timeout passes. */
  readonly signal: AbortSignal
  /** Milliseconds until the response headers must be there. 0: no limit. */
  readonly headersTimeoutMs: number
  /** Milliseconds the response body may stand still. 0: no limit. */
  readonly idleTimeoutMs: number
}

export interface UpstreamResponse {
  readonly status: number
  /** Lower-case names; one entry per `set-cookie`. */
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>
  /** `null` when there is none. Returning from the iterator early cancels the response. */
  readonly body: AsyncIterable<Uint8Array> | null
}

/**
 * The transport of the proxy: sends one request, follows no redirect, decodes no content encoding it does not
 * also remove from the headers, verifies TLS.
 *
 * @throws BffError `upstream_unavailable` or `upstream_timeout`
 */
export interface Upstream {
  send(request: UpstreamRequest): Promise<UpstreamResponse>
  close(): Promise<void>
}
