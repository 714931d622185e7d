/** A running server with the adapter under test. */
export interface ServedApp {
  /** Such as `http://127.0.0.1:49152`. */
  readonly origin: string
  /** Stops the server and closes all open connections. */
  close(): Promise<void>
}
