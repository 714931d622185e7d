/** Where a process finds its sessions. */
export type StoreAddress =
  | { readonly kind: 'redis'; readonly url: string }
  | {
      readonly kind: 'cluster'
      readonly nodes: readonly { readonly host: string; readonly port: number }[]
      readonly replicas: number
    }
  | { readonly kind: 'postgres' | 'mysql'; readonly url: string }
  | {
      readonly kind: 'sqlite'
      readonly path: string
      /** Opened by the app in SQLite's own default journal mode, and not by the store. */
      readonly own: boolean
    }

/** What a BFF process is told before it starts. */
export interface ProcessSettings {
  readonly port: number
  /** The origin browsers see. */
  readonly origin: string
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  /** Where connections to the provider really go: a proxy that can fail. */
  readonly providerAddress: { readonly host: string; readonly port: number }
  /** The API, through a proxy that can fail. */
  readonly apiTarget: string
  readonly store: StoreAddress
  /** Newest first. */
  readonly encryptionKeys: readonly string[]
  /** Whether it limits how often an address may ask. */
  readonly limits: boolean
  /** How far this process's clock is off, in milliseconds. */
  readonly skewMs: number
  /** How long one process may hold the refresh of a session, in milliseconds. */
  readonly leaseMs: number
  /** When a session ends whatever happens, in milliseconds. */
  readonly absoluteTimeoutMs: number
}

/** From the harness to a process. */
export type Order =
  | { readonly start: ProcessSettings }
  | { readonly stepClockMs: number }
  | { readonly usage: true }

/** From a process to the harness. */
export type Notice =
  | { readonly ready: true }
  /** An event's type, and all of it as a log would show it. */
  | { readonly event: string; readonly text: string }
  | { readonly lease: 'taken' | 'refused' }
  /** The process could not run for so long: the machine is too busy to judge what it answered. */
  | { readonly stalledMs: number }
  | { readonly usage: Usage }

/** What a process has of the machine. */
export interface Usage {
  /** Resident memory. */
  readonly residentBytes: number
  /** Open files and sockets. */
  readonly descriptors: number
}
