import { isAddressInUse, PARTS, type Part, type Ports, portTaken, requireFreePort } from '@bff/demo'
import { type Idp, type IdpOptions, startIdp } from '@bff/idp'
import { type OrdersApi, startOrdersApi } from '@bff/orders-api'
import { type NextApp, startNextApp } from './next-app.ts'

export interface StackOptions {
  readonly ports: Ports
  /** 32 bytes as base64 or hex. */
  readonly encryptionKey: string
  /** The SQLite file of the sessions, its tables made; `null`: in memory. */
  readonly sqlitePath: string | null
  /** How the provider differs from its defaults. */
  readonly idp?: Omit<IdpOptions, 'port' | 'appOrigins' | 'apiAudience'>
  /** Told what starts, a line at a time. @default nobody */
  readonly onProgress?: (line: string) => void
}

export interface Stack {
  readonly idp: Idp
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
  const { ports, encryptionKey, sqlitePath, onProgress = () => {} } = options
  const running: Array<{ close(): Promise<void> }> = []

  const close = async () => {
    for (const part of running.splice(0).reverse()) await part.close()
  }
  const start = async <Started extends { close(): Promise<void> }>(
    part: Part,
    open: (port: number) => Promise<Started>,
  ): Promise<Started> => {
    const port = ports[part]
    try {
      await requireFreePort(part, port)
      const started = await open(port)
      running.push(started)
      const response = await fetch(`http://localhost:${port}`, { redirect: 'manual' })
      await response.text()
      onProgress(`  ${PARTS[part].name.padEnd(16)} http://localhost:${port}`)
      return started
    } catch (error) {
      await close()
      throw isAddressInUse(error) ? portTaken(part, port) : error
    }
  }

  const origins = { app: `http://localhost:${ports.demo}`, api: `http://localhost:${ports.api}` }
  const idp = await start('idp', (port) =>
    startIdp({ ...options.idp, port, appOrigins: [origins.app], apiAudience: origins.api }),
  )
  const api = await start('api', (port) =>
    startOrdersApi({ port, issuer: idp.issuer, audience: origins.api }),
  )
  const app = await start('demo', (port) =>
    startNextApp(port, {
      APP_ORIGIN: origins.app,
      ISSUER: idp.issuer,
      OIDC_CLIENT_ID: idp.clients.demo.clientId,
      OIDC_CLIENT_SECRET: idp.clients.demo.clientSecret,
      API_ORIGIN: api.origin,
      BFF_ENCRYPTION_KEY: encryptionKey,
      SESSIONS_DB: sqlitePath ?? '',
    }),
  )
  return { idp, api, app, close }
}
