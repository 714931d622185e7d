import { type FastifyError, type FastifyInstance, type FastifyReply, fastify } from 'fastify'
import { ApiError } from './api-error.ts'
import { type Authenticator, authenticate, type TrustedIssuer } from './authenticate.ts'
import { createDpopNonces } from './dpop-nonces.ts'
import { type ApiFailureMode, createFaults } from './faults.ts'
import { issuerKeys, keysAt } from './issuer-keys.ts'
import { createReplayMemory } from './replay-memory.ts'
import { addRoutes, SCOPE } from './routes.ts'

export { API_FAILURE_MODES, type ApiFailureMode, apiFailureFrom } from './faults.ts'
export type { Order } from './orders.ts'

export interface OrdersApiOptions {
  /** TCP port; `0` takes a free one. @default 0 */
  readonly port?: number
  /** Address to listen on. @default '127.0.0.1' */
  readonly host?: string
  /** Who issues the access tokens: their `iss`, and where the keys are found. */
  readonly issuer: string
  /** What the tokens must name as `aud`. @default the API's own origin */
  readonly audience?: string
  /**
   * A service that signs wallets in, such as `@bff/wallet`: its tokens name no scope, and may do everything here.
   * @default none
   */
  readonly wallets?: { readonly issuer: string; readonly audience: string; readonly jwksUrl: string }
  /** Refuse DPoP proofs without a nonce of ours (RFC 9449 9). @default false */
  readonly requireDpopNonce?: boolean
  /** Most DPoP proofs remembered; beyond it answers are 503 until some are too old. @default 200_000 */
  readonly maxRememberedProofs?: number
  /** Log requests to standard output. @default false */
  readonly logger?: boolean
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number
}

/** What arrived, without its secrets. */
export interface ReceivedRequest {
  readonly method: string
  /** Path and query as they arrived. */
  readonly path: string
  readonly hadCookie: boolean
  /** First word of `Authorization`, or `null` when there was none. */
  readonly authScheme: string | null
}

export interface OrdersApi {
  /** `http://localhost:<port>` */
  readonly origin: string
  /** The last 10 000 requests, oldest first. */
  readonly requests: ReceivedRequest[]
  /** Requests that arrived and are not done with: slow ones, downloads, feeds. */
  openRequests(): number
  /** Makes the next `times` requests fail, or all until `fail('none')`. @default times = Infinity */
  fail(mode: ApiFailureMode, times?: number): void
  /** Stops listening and ends every connection. */
  close(): Promise<void>
}

const MAX_RECORDED = 10_000

/** Starts the API in this process. Rejects with the error of `listen`, such as `EADDRINUSE`. */
export async function startOrdersApi(options: OrdersApiOptions): Promise<OrdersApi> {
  const now = options.now ?? Date.now
  const nonces = options.requireDpopNonce === true ? createDpopNonces() : null
  const faults = createFaults()
  const requests: ReceivedRequest[] = []
  let open = 0
  // The port, and so the origin, is known once the server listens.
  let origin = ''
  const provider: TrustedIssuer = {
    issuer: options.issuer,
    get audience() {
      return options.audience ?? origin
    },
    keys: issuerKeys(options.issuer),
    impliedScopes: [],
  }
  const authenticator: Authenticator = {
    issuers: [provider, ...walletsOf(options)],
    get origins() {
      return [origin, origin.replace('localhost', '127.0.0.1')]
    },
    now,
    nonces,
    replays: createReplayMemory(options.maxRememberedProofs ?? 200_000),
  }

  const app: FastifyInstance = fastify({
    logger: options.logger ?? false,
    forceCloseConnections: true,
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false } },
  })
  app.decorateRequest('caller', null)
  app.setErrorHandler(sendError)
  app.setNotFoundHandler(async (_request, reply) =>
    reply.status(404).send({ error: 'not_found', message: 'There is nothing here.' }),
  )
  app.addHook('onRequest', async (request, reply) => {
    open += 1
    reply.raw.once('close', () => {
      open -= 1
    })
    const { authorization, cookie, dpop } = request.headers
    requests.push({
      method: request.method,
      path: request.url,
      hadCookie: cookie !== undefined,
      authScheme: authorization?.split(' ')[0] ?? null,
    })
    if (requests.length > MAX_RECORDED) requests.shift()
    reply.header('Cache-Control', 'no-store')
    if (nonces !== null) reply.header('DPoP-Nonce', nonces.current(now()))
    faults.apply(request, reply)
    if (reply.sent || request.is404) return
    request.caller = await authenticate(
      {
        method: request.method,
        path: request.url.split('?')[0] ?? '/',
        authorization,
        proof: typeof dpop === 'string' ? dpop : dpop?.join(','),
      },
      authenticator,
    )
  })
  addRoutes(app, now)

  await app.listen({ port: options.port ?? 0, host: options.host ?? '127.0.0.1' })
  const address = app.server.address()
  if (address === null || typeof address === 'string') throw new Error('The API listens on TCP only.')
  origin = `http://localhost:${address.port}`

  return {
    origin,
    requests,
    openRequests: () => open,
    fail: (mode, times = Number.POSITIVE_INFINITY) => faults.set(mode, times),
    close: () => app.close(),
  }
}

function walletsOf({ wallets }: OrdersApiOptions): TrustedIssuer[] {
  if (wallets === undefined) return []
  const { issuer, audience, jwksUrl } = wallets
  return [{ issuer, audience, keys: keysAt(jwksUrl), impliedScopes: [SCOPE] }]
}

async function sendError(
  error: FastifyError | ApiError,
  _request: unknown,
  reply: FastifyReply,
): Promise<void> {
  if (error instanceof ApiError) {
    await reply
      .status(error.status)
      .headers(error.headers)
      .send({ error: error.code, message: error.message })
    return
  }
  const status = error.statusCode ?? 500
  if (status >= 500) {
    console.error('orders-api:', error)
    await reply.status(500).send({ error: 'internal_error', message: 'Something went wrong.' })
    return
  }
  await reply.status(status).send({ error: 'invalid_request', message: error.message })
}
