import type { Clock } from '@bff/core'
import { type SurroundingsOptions, startSurroundings } from '@bff/demo'
import type { OrdersApi } from '@bff/orders-api'
import { type StoresWithOutage, type TestProvider, withOutage } from '@bff/testing'
import { setLauncher } from '../lib/launcher.ts'
import { type NextApp, startNextApp } from './next-app.ts'

export interface StackOptions extends SurroundingsOptions {
  /** 32 bytes as base64 or hex. */
  readonly encryptionKey: string
  /** The SQLite file of the sessions, its tables made; `null`: in memory. */
  readonly sqlitePath: string | null
  /** Time for the failure switches. @default the system's clock */
  readonly clock?: Clock
}

export interface Stack {
  readonly idp: TestProvider
  readonly api: OrdersApi
  readonly app: NextApp
  /** Stops everything, the app first. */
  close(): Promise<void>
}

/**
 * Starts the provider, the API and the Next app in this process, and waits until each answers over HTTP. When one cannot
 * start, those that run are stopped again.
 *
 * @throws StartError when a port is taken
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { certificate, encryptionKey, sqlitePath, clock } = options
  const surroundings = await startSurroundings(options)
  const { idp, api, origin, foreignOrigin, documentsOrigin } = surroundings
  let store: StoresWithOutage | null = null
  const outages = {
    ...surroundings.outages,
    store: (isDown: boolean) => {
      if (store !== null) store.down = isDown
    },
  }
  setLauncher({
    panels: { foreignOrigin, documentsOrigin, outages, ...(clock === undefined ? {} : { clock }) },
    breakable: (given) => {
      store = withOutage(given)
      return store
    },
  })
  const app = await surroundings.startApp((port) =>
    startNextApp(
      port,
      {
        APP_ORIGIN: origin,
        ISSUER: idp.issuer,
        OIDC_CLIENT_ID: idp.clients.basic.clientId,
        OIDC_CLIENT_SECRET: idp.clients.basic.clientSecret,
        API_ORIGIN: api.origin,
        BFF_ENCRYPTION_KEY: encryptionKey,
        SESSIONS_DB: sqlitePath ?? '',
      },
      certificate,
    ),
  )
  return { idp, api, app, close: surroundings.close }
}
