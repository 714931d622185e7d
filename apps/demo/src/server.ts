import {
  type Bff,
  type BffEvent,
  type Clock,
  createBff,
  isBffError,
  type Stores,
  systemClock,
} from '@bff/core'
import { deviceBinding } from '@bff/core/device-binding'
import { backchannelLogout, healthEndpoint, sessionEndpoints, silentLogin } from '@bff/core/endpoints'
import { apiProxy } from '@bff/core/proxy'
import { bffPlugin, fastifyBff } from '@bff/fastify'
import { undiciUpstream } from '@bff/node'
import { type Fetch, oidc } from '@bff/oidc'
import { wallet } from '@bff/wallet'
import fastify from 'fastify'
import { addPage } from './page.ts'
import { createPanels, type PanelsOptions, PROOF_LIFE_MS } from './panels/index.ts'
import { addSessionEvents } from './session-events.ts'
import { generateWalletKey } from './wallet-key.ts'

export interface DemoOptions {
  /** TCP port of the app; with it goes the origin `http://localhost:<port>`, or `https://…` with a certificate. */
  readonly port: number
  /** Key and certificate as PEM. Browsers bind sessions on https only. @default none, and the app speaks plain http */
  readonly tls?: { readonly key: string; readonly cert: string }
  /** The OpenID provider. */
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  /** The API behind `/api`. */
  readonly apiOrigin: string
  readonly store: Stores
  /** 32 bytes as base64 or hex. */
  readonly encryptionKey: string
  /** What signs the tokens of people who come with a wallet: a P-256 key as PEM. @default a fresh one */
  readonly walletKey?: string
  /** Hears of everything that happens. @default nobody */
  readonly onEvent?: (event: BffEvent) => void
  /** @default the system's clock */
  readonly clock?: Clock
  /** Every request to the provider goes through it. @default the platform's `fetch` */
  readonly fetch?: Fetch
  /** What the page shows of itself, and the switches that break something. @default what the app has alone */
  readonly panels?: PanelsOptions
}

export interface Demo {
  /** `http://localhost:<port>`, or the same with https. */
  readonly origin: string
  readonly bff: Bff
  /** Stops listening, ends every connection and closes the BFF. */
  close(): Promise<void>
}

/** The whole app: a Backend-for-Frontend on Fastify, an API behind it, and the page it serves. */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  const { port, issuer, clientId, clientSecret, apiOrigin, store, encryptionKey } = options
  const {
    walletKey = generateWalletKey(),
    clock = systemClock,
    onEvent = () => {},
    fetch = globalThis.fetch,
  } = options
  const { tls } = options
  const origin = `${tls === undefined ? 'http' : 'https'}://localhost:${port}`
  const panels = createPanels(options.panels)

  const provider = oidc({
    issuer,
    clientId,
    clientSecret,
    scope: 'openid profile email offline_access orders',
    dpop: true,
    clock,
    fetch,
  })
  const ethereum = wallet({ keys: [walletKey] })

  const bff = createBff({
    origin,
    store,
    clock,
    encryptionKeys: [encryptionKey],
    // Each refreshes and revokes the sessions it began.
    provider: ethereum.provider(provider),
    proxy: apiProxy({
      routes: [{ path: '/api', target: apiOrigin }],
      upstream: panels.watched(undiciUpstream()),
    }),
    plugins: [
      panels.plugin,
      deviceBinding({ proofLifeMs: PROOF_LIFE_MS }),
      backchannelLogout(),
      sessionEndpoints(),
      silentLogin(),
      healthEndpoint(),
      ethereum,
    ],
    onEvent: (event) => {
      panels.hear(event)
      onEvent(event)
    },
  })

  // Open event streams would keep the server from closing.
  const app = fastify({ forceCloseConnections: true, ...(tls === undefined ? {} : { https: tls }) })
  const guard = fastifyBff(bff)
  await app.register(bffPlugin, { bff })
  app.setErrorHandler((error, _request, reply) => {
    if (!isBffError(error)) return reply.send(error)
    const { status, headers, body } = bff.errorReply(error)
    return reply.code(status).headers(Object.fromEntries(headers)).send(body)
  })
  addSessionEvents(app, guard, { store, clock })
  addPage(app, options.panels?.foreignOrigin ?? null)
  await app.listen({ port, host: '127.0.0.1' }).catch(async (error: unknown) => {
    await app.close()
    throw error
  })
  return { origin, bff, close: () => app.close() }
}
