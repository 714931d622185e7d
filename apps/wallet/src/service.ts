import { once } from 'node:events'
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { type BffEvent, createBff, type Stores } from '@bff/core'
import { clientAddress } from '@bff/core/client-address'
import { rateLimit } from '@bff/core/rate-limit'
import { nodeListener } from '@bff/node'
import { wallet } from '@bff/wallet'
import type { Settings } from './settings.ts'
import { madeFrom, StartError } from './start-error.ts'

/** How long requests under way may take to end. */
const GRACE_MS = 10_000
const SWEEP_MS = 50

export interface ServiceOptions {
  readonly settings: Settings
  readonly store: Stores
  readonly signingKeys: readonly string[]
  readonly encryptionKey: string
  readonly onEvent?: (event: BffEvent) => void
}

export interface Service {
  readonly origin: string
  /** Takes no more requests, lets those under way end within ten seconds, and closes the store. */
  close(): Promise<void>
}

/**
 * Wallet sign-in as a service of its own, for apps that keep their tokens themselves.
 *
 * @throws StartError when the port is taken
 */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { settings, store, signingKeys, encryptionKey, onEvent } = options
  const { chainIds, rpcUrl, reuseGraceMs, typedData, trustedProxies, origin, port, host } = settings
  const address = madeFrom('TRUSTED_PROXIES', () => clientAddress({ trustedProxies }))
  const bff = createBff({
    origin,
    store,
    encryptionKeys: [encryptionKey],
    clientAddress: address,
    plugins: [
      rateLimit(),
      wallet({
        tokens: 'client',
        keys: signingKeys,
        chainIds,
        reuseGraceMs,
        ...(rpcUrl !== null && { contractWallets: { rpcUrl } }),
        ...(typedData !== null && { typedData }),
      }),
    ],
    ...(onEvent !== undefined && { onEvent }),
  })
  const server = createServer(nodeListener(bff))
  server.listen(port, host)
  try {
    await once(server, 'listening')
  } catch (error) {
    await bff.close()
    const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
    throw isTaken ? new StartError(`Port ${port} is taken: set PORT to a free one.`) : error
  }

  return {
    origin,
    async close() {
      const closed = once(server, 'close').then(() => true)
      server.close()
      const deadline = Date.now() + GRACE_MS
      // A connection whose answer is out is kept open by its client; nothing more may come over it.
      while (!(await Promise.race([closed, sleep(SWEEP_MS, false)]))) {
        if (Date.now() < deadline) server.closeIdleConnections()
        else server.closeAllConnections()
      }
      await bff.close()
    },
  }
}
