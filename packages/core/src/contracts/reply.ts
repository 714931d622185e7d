/** A response as plain data; an adapter writes it. */
export interface Reply {
  readonly status: number
  /** Lower-case names; one entry per `set-cookie`. */
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>
  /** `null` for no body. Reading the iterable to its end, or returning from it, releases its resources. */
  readonly body: string | Uint8Array | AsyncIterable<Uint8Array> | null
  /**
   * Set for a stream that must end with its session: aborts when the session ends. When its reason is a `BffError`, the
   * adapter must cut the response off at once, even if nothing reads the body.
   */
  readonly signal?: AbortSignal
}
