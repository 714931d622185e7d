/** What the servers measured are called. */
export type ServerName = 'bare' | 'guarded' | 'api' | 'forward' | 'proxy'

/** What a server says once it listens. */
export interface Ready {
  readonly origin: string
  /** The `Cookie` header of a signed-in browser. */
  readonly cookie: string
}

/** CPU time spent so far, in microseconds; the answer to any message. */
export interface Usage {
  readonly user: number
  readonly system: number
}
