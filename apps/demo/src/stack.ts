import { type BffEvent, type Clock, generateEncryptionKey, type Stores } from '@bff/core'
import { type Idp, type IdpOptions, startIdp } from '@bff/idp'
import type { Fetch } from '@bff/oidc'
import { type OrdersApi, startOrdersApi } from '@bff/orders-api'
import { isAddressInUse, PARTS, type Part, type Ports, portTaken, requireFreePort } from './ports.ts'
import { type Demo, startDemo } from './server.ts'

export interface StackOptions {
  readonly ports: Ports
  readonly store: Stores
  /** 32 bytes as base64 or hex. @default a fresh one */
  readonly encryptionKey?: string
  /** A P-256 key as PEM. @default a fresh one */
  readonly walletKey?: string
  /** How the provider differs from its defaults. */
  readonly idp?: Omit<IdpOptions, 'port' | 'appOrigins' | 'apiAudience'>
  /** Told what starts, a line at a time. @default nobody */
  readonly onProgress?: (line: string) => void
  readonly onEvent?: (event: BffEvent) => void
  /** Time for the app. @default the system's clock */
  readonly clock?: Clock
  /** Every request from the app to the provider goes through it. @default the platform's `fetch` */
  readonly fetch?: Fetch
}

export interface Stack {
  readonly idp: Idp
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
  const { ports, store, walletKey, onProgress = () => {}, onEvent, clock, fetch: providerFetch } = options
  const encryptionKey = options.encryptionKey ?? generateEncryptionKey()
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
      await answers(`http://localhost:${port}`)
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
    startOrdersApi({ port, issuer: idp.issuer, audience: origins.api, wallets: walletsOf(origins.app) }),
  )
  const demo = await start('demo', (port) =>
    startDemo({
      port,
      issuer: idp.issuer,
      ...idp.clients.demo,
      apiOrigin: api.origin,
      store,
      encryptionKey,
      ...(walletKey === undefined ? {} : { walletKey }),
      ...(onEvent === undefined ? {} : { onEvent }),
      ...(clock === undefined ? {} : { clock }),
      ...(providerFetch === undefined ? {} : { fetch: providerFetch }),
    }),
  )
  return { idp, api, demo, close }
}

/** The app issues the tokens of those who sign in to it with a wallet. */
const walletsOf = (issuer: string) => ({
  issuer,
  audience: 'session:access',
  jwksUrl: `${issuer}/.well-known/jwks.json`,
})

/** Any answer will do, a refusal too: somebody is there. */
async function answers(origin: string): Promise<void> {
  const response = await fetch(origin, { redirect: 'manual' })
  await response.body?.cancel()
}
