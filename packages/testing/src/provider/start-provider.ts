import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair } from 'jose'
import type OidcProvider from 'oidc-provider'
import type { JWKS } from 'oidc-provider'
import { createAccounts } from './accounts.ts'
import { endSessions } from './back-channel.ts'
import { type ClientUris, type ProviderClients, registerClients } from './clients.ts'
import { createConfiguration } from './configuration.ts'
import { createFaults, type FailureMode, type FailureScope } from './faults.ts'
import { handleInteraction, isInteractionPath } from './interactions.ts'
import { addManners } from './manners.ts'
import { createMemoryDatabase } from './memory-database.ts'
import { type ProviderOptions, settingsOf } from './options.ts'
import { Provider } from './provider-library.ts'

const TOKEN_PATH = '/token'
const REVOCATION_PATH = '/token/revocation'

/** What happened at a provider since it started. */
export interface ProviderStats {
  /** Authorization requests answered with a code. */
  authorizations: number
  /** Requests that reached the token endpoint, those made to fail included. */
  tokenRequests: number
  /** Refresh grants that succeeded. */
  refreshes: number
  /** Requests that reached the revocation endpoint. */
  revocations: number
  /** Uses of a refresh token that had been used before; each revoked its grant. */
  reuseDetected: number
  /** Uses of a refresh token that had been used before, within `reuseGrace`. */
  reuseTolerated: number
}

/** A running OpenID provider. */
export interface TestProvider {
  /** `http://localhost:<port>` */
  readonly issuer: string
  readonly port: number
  readonly clients: ProviderClients
  readonly stats: ProviderStats
  /** Makes the token endpoint, or everything, misbehave until `fail('none')`. */
  fail(mode: FailureMode, scope?: FailureScope): void
  /** Revokes every grant of the user, with all tokens issued under it. */
  revokeGrantsOf(user: string): void
  /**
   * Ends the user's sessions here and sends a logout token to each client that was signed in to (OpenID Connect
   * Back-Channel Logout 2.5). Resolves when each delivery was answered or failed. Refresh tokens stay valid.
   */
  backchannelLogout(user: string): Promise<{ delivered: number; failed: number }>
  /** Stops listening and ends every connection, hanging ones too. */
  close(): Promise<void>
}

/**
 * Starts an OpenID provider in this process, on a free port of this machine unless `port` names one. It keeps everything in
 * memory and is not for production. Rejects with the error of `listen`, such as `EADDRINUSE`.
 *
 * @example
 * ```ts
 * import { oidc } from '@bff/oidc'
 * import { startProvider } from '@bff/testing'
 *
 * const server = await startProvider({ appOrigins: ['http://localhost:3000'], users: { alice: { role: 'admin' } } })
 * const provider = oidc({ issuer: server.issuer, ...server.clients.basic })
 * await server.close()
 * ```
 */
export async function startProvider(options: ProviderOptions = {}): Promise<TestProvider> {
  const server = createServer()
  const port = await listen(server, options.port ?? 0, options.host ?? '127.0.0.1')
  try {
    return await serve(server, port, options)
  } catch (error) {
    await close(server)
    throw error
  }
}

async function serve(server: Server, port: number, options: ProviderOptions): Promise<TestProvider> {
  const issuer = `http://localhost:${port}`
  const stats: ProviderStats = {
    authorizations: 0,
    tokenRequests: 0,
    refreshes: 0,
    revocations: 0,
    reuseDetected: 0,
    reuseTolerated: 0,
  }
  const database = createMemoryDatabase(options.reuseGrace, () => {
    stats.reuseTolerated += 1
  })
  const jwks: JWKS = options.jwks === undefined ? await freshKeys() : { keys: [...options.jwks.keys] }
  const first = jwks.keys[0]
  const signingAlgorithm = first !== undefined && 'kty' in first && first.kty === 'RSA' ? 'RS256' : 'ES256'
  const { clients, metadata } = await registerClients(urisOf(options), signingAlgorithm)
  const settings = settingsOf(options, issuer)
  const accounts = createAccounts(settings.users)
  const provider = new Provider(
    issuer,
    createConfiguration({
      settings,
      accounts,
      database,
      clients: metadata,
      jwks,
      signingAlgorithm,
    }),
  )
  addManners(provider, TOKEN_PATH, settings)
  count(provider, stats)
  const faults = createFaults(TOKEN_PATH)
  const handleByProvider = provider.callback()

  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const path = new URL(request.url ?? '/', issuer).pathname
    if (path === TOKEN_PATH) stats.tokenRequests += 1
    if (path === REVOCATION_PATH) stats.revocations += 1
    if (faults.intercept(path, request, response)) return
    if (!isInteractionPath(path)) {
      void handleByProvider(request, response)
      return
    }
    handleInteraction(provider, accounts, request, response).catch((error: unknown) => {
      report(error)
      response.destroy()
    })
  }
  server.on('request', handle)

  return {
    issuer,
    port,
    clients,
    stats,
    fail: (mode, scope = 'token') => faults.set(mode, scope),
    revokeGrantsOf: (user) => {
      for (const grant of database.rowsOf('Grant', user)) {
        if (grant.jti !== undefined) database.revokeGrant(grant.jti)
      }
    },
    backchannelLogout: (user) => endSessions(provider, database, user),
    close: () => close(server),
  }
}

function count(provider: OidcProvider, stats: ProviderStats): void {
  provider.on('authorization.success', () => {
    stats.authorizations += 1
  })
  provider.on('grant.success', (ctx) => {
    if (ctx.oidc.params?.['grant_type'] === 'refresh_token') stats.refreshes += 1
  })
  provider.on('grant.error', (_ctx, error) => {
    if (error.error_detail === 'refresh token already used') stats.reuseDetected += 1
  })
  provider.on('server_error', (_ctx, error) => report(error))
}

function report(error: unknown): void {
  console.error('provider:', error)
}

function urisOf(options: ProviderOptions): ClientUris {
  const origins = options.appOrigins ?? ['http://localhost:3000']
  const [first] = origins
  const backchannel = first === undefined ? null : `${first}/bff/backchannel-logout`
  return {
    redirectUris: options.redirectUris ?? origins.map((origin) => `${origin}/bff/callback`),
    postLogoutRedirectUris:
      options.postLogoutRedirectUris ?? origins.map((origin) => `${origin}/bff/logout/callback`),
    backchannelLogoutUri:
      options.backchannelLogoutUri === undefined ? backchannel : options.backchannelLogoutUri,
    backchannelLogoutNamesSession: options.backchannelLogoutNamesSession ?? true,
  }
}

async function freshKeys(): Promise<JWKS> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  return { keys: [{ ...(await exportJWK(privateKey)), use: 'sig', alg: 'ES256' }] }
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve(portOf(server.address()))
    })
  })
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('The provider listens on TCP only.')
  return address.port
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
