import { type BffEvent, type Clock, generateEncryptionKey, type Stores } from '@bff/core'
import type { Fetch } from '@bff/oidc'
import type { OrdersApi } from '@bff/orders-api'
import { type TestProvider, withOutage } from '@bff/testing'
import { type Demo, startDemo } from './server.ts'
import { type SurroundingsOptions, startSurroundings } from './surroundings.ts'

export interface StackOptions extends SurroundingsOptions {
  readonly store: Stores
  /** 32 bytes as base64 or hex. @default a fresh one */
  readonly encryptionKey?: string
  /** A P-256 key as PEM. @default a fresh one */
  readonly walletKey?: string
  readonly onEvent?: (event: BffEvent) => void
  /** Time for the app. @default the system's clock */
  readonly clock?: Clock
  /** Every request from the app to the provider goes through it. @default the platform's `fetch` */
  readonly fetch?: Fetch
}

export interface Stack {
  readonly idp: TestProvider
  readonly api: OrdersApi
  readonly demo: Demo
  /** Stops everything, the app first. */
  close(): Promise<void>
}

/**
 * Starts the provider, the API and the app in this process, and waits until each answers over HTTP. When one cannot
 * start, those that run are stopped again.
 *
 * @throws StartError when a port is taken
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { certificate, walletKey, onEvent, clock, fetch: providerFetch } = options
  const store = withOutage(options.store)
  const encryptionKey = options.encryptionKey ?? generateEncryptionKey()
  const surroundings = await startSurroundings(options, walletsOf)
  const { idp, api, foreignOrigin, documentsOrigin } = surroundings
  const outages = {
    ...surroundings.outages,
    store: (isDown: boolean) => {
      store.down = isDown
    },
  }
  const demo = await surroundings.startApp((port) =>
    startDemo({
      port,
      issuer: idp.issuer,
      ...idp.clients.basic,
      apiOrigin: api.origin,
      store,
      encryptionKey,
      panels: { foreignOrigin, documentsOrigin, outages },
      ...(certificate === undefined ? {} : { tls: certificate }),
      ...(walletKey === undefined ? {} : { walletKey }),
      ...(onEvent === undefined ? {} : { onEvent }),
      ...(clock === undefined ? {} : { clock }),
      ...(providerFetch === undefined ? {} : { fetch: providerFetch }),
    }),
  )
  return { idp, api, demo, close: surroundings.close }
}

/** The app issues the tokens of those who sign in to it with a wallet. */
const walletsOf = (issuer: string) => ({
  issuer,
  audience: 'session:access',
  jwksUrl: `${issuer}/.well-known/jwks.json`,
})
