export const FRAMEWORKS = ['fastify', 'express', 'next', 'hono', 'http'] as const

/** What hosts an authenticated route: Web-standard `Request` and `Response` with Hono, plain `node:http` with http. */
export type Framework = (typeof FRAMEWORKS)[number]

/** What the servers measured are called. */
export type ServerName = Framework | `bare ${Framework}` | 'api' | 'forward' | 'proxy'

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
