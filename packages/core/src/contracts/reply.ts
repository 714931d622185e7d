/** An answer as plain data; a skin writes it out. */
export interface Reply {
  readonly status: number
  /** Lower-case names; one entry per `set-cookie`. */
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>
  /** `null` for no body. Reading the iterable to its end, or returning from it, releases what is behind it. */
  readonly body: string | Uint8Array | AsyncIterable<Uint8Array> | null
  /**
   * Of a stream that must not outlast a session: aborts when it is over. With a `BffError` as its reason it must be cut
   * off at once, though nobody may be reading the body.
   */
  readonly signal?: AbortSignal
}
