export const FRAMEWORKS = ['fastify', 'express', 'hono', 'http', 'next'] as const

/** What hosts an authenticated route: Web-standard `Request` and `Response` with Hono, plain `node:http` with http. */
export type Framework = (typeof FRAMEWORKS)[number]

/** What runs beside the servers, each only where a scenario needs it. */
export interface Surroundings {
  /** The origin of the API behind the relays. */
  readonly api?: string
  readonly redis?: string
  readonly postgres?: string
  readonly mysql?: string
  /** The path of a database file. */
  readonly sqlite?: string
  readonly provider?: ProviderAddress
  /** Seals sessions; the processes of one app share it. */
  readonly encryptionKey?: string
}

export type Need = 'api' | 'redis' | 'postgres' | 'mysql' | 'sqlite' | 'provider'

export interface ProviderAddress {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  /** Where requests to the provider go instead of to its issuer: through a proxy that counts them. */
  readonly through?: string
}

/** What a server says once it listens. */
export interface Ready {
  readonly origin: string
  /** The `Cookie` header of a signed-in browser, or `null` when that takes a sign-in at the provider. */
  readonly cookie: string | null
  /** The path where a sign-in begins, or `null` without a provider. */
  readonly login: string | null
}

/** What the benchmark asks of a server; each order has one answer. */
export type Order =
  | 'usage'
  /** Count the calls of the SQLite driver from now on, and say how many there were. */
  | 'sqlite'
  | { readonly stepClockMs: number }
  /** Ends so many sessions of one user, and says how long that took. */
  | { readonly signOutEverywhere: number }

/** CPU time spent so far, in microseconds. */
export interface Usage {
  readonly user: number
  readonly system: number
}

/** Operations on sessions that passed to a store. */
export interface StoreCalls {
  readonly reads: number
  readonly writes: number
}

/** Where the apps say they are. They listen on other ports, which the redirect URI does not name. */
export const APP_ORIGIN = 'http://localhost:3000'
