import { randomBytes } from 'node:crypto'
import { type OrdersApi, startOrdersApi } from '@bff/orders-api'
import { freePort } from '@bff/servers'
import { type FaultProxy, faultProxy } from '@bff/store-testkit'
import { startProvider, type TestProvider } from '@bff/testing'
import { type Recorder, recorder } from '../history/recorder.ts'
import type { Site } from '../load/ask.ts'
import { closeConnections } from '../load/http.ts'
import { type BffProcess, bffProcess } from '../node/bff-process.ts'
import { watchStalls } from '../stalls.ts'
import { openStore, type StoreName, type StoreUnderTest } from './store.ts'

export interface WorldOptions {
  /** Of an access token, in seconds. @default 5 */
  readonly accessTokenLifetime?: number
  /** Seconds in which the provider takes a used refresh token again. @default 0: never, and it revokes the grant */
  readonly reuseGrace?: number
  /** `false`: they name the user alone. @default true */
  readonly logoutTokensNameSession?: boolean
  /** @default the BFF's own */
  readonly leaseMs?: number
  /** Whether the BFF limits how often an address may ask. @default false */
  readonly limits?: boolean
  /** How far the clock of each process is off, in milliseconds. @default none is */
  readonly skewsMs?: readonly [number, number, number]
}

/** Everything a run needs, running: provider, API, store, three BFF processes, and proxies that can fail between them. */
export interface World {
  readonly site: Site
  readonly recorder: Recorder
  readonly store: StoreUnderTest
  readonly idp: TestProvider
  readonly api: OrdersApi
  /** Between the BFF and the provider. */
  readonly provider: FaultProxy
  /** Between the BFF and the API. */
  readonly upstream: FaultProxy
  readonly processes: readonly [BffProcess, BffProcess, BffProcess]
  readonly encryptionKey: string
  close(): Promise<void>
}

/** A fault of the machine's own: what was answered then says nothing about the BFF. */
export const STALL = 'machine stalled'
const DEFAULT_LEASE_MS = 30_000
const WEEK_MS = 604_800_000

export const newKey = (): string => randomBytes(32).toString('base64')

/** @param program what the BFF processes run: see `buildProgram` */
export async function openWorld(
  program: string,
  storeName: StoreName,
  options: WorldOptions = {},
): Promise<World> {
  const opened: { close(): Promise<unknown> }[] = []
  const keep = <T extends { close(): Promise<unknown> }>(part: T): T => {
    opened.push(part)
    return part
  }
  const close = async () => {
    for (const part of opened.splice(0).reverse()) await part.close()
    closeConnections()
  }
  try {
    const ports = [await freePort(), await freePort(), await freePort()] as const
    // Nobody listens here: a load balancer would. Clients choose a process themselves.
    const origin = `http://localhost:${await freePort()}`
    const audience = 'http://orders.example'
    const store = keep(await openStore(storeName))
    const idp = keep(
      await startProvider({
        appOrigins: [origin],
        backchannelLogoutUri: `http://localhost:${ports[1]}/bff/backchannel-logout`,
        backchannelLogoutNamesSession: options.logoutTokensNameSession ?? true,
        apiAudience: audience,
        accessTokenLifetime: options.accessTokenLifetime ?? 5,
        reuseGrace: options.reuseGrace ?? 0,
        // Robots sign in so often that some would be on their way back at the moment a shared grant is revoked (ADR 0010).
        grants: 'sign-in',
      }),
    )
    const api = keep(await startOrdersApi({ issuer: idp.issuer, audience }))
    const provider = keep(await faultProxy({ host: '127.0.0.1', port: idp.port }))
    const upstream = keep(await faultProxy({ host: '127.0.0.1', port: Number(new URL(api.origin).port) }))
    const encryptionKey = newKey()
    const start = async (port: number, index: number) => {
      const process = bffProcess(program, {
        port,
        origin,
        issuer: idp.issuer,
        ...idp.clients.basic,
        providerAddress: { host: provider.host, port: provider.port },
        apiTarget: `http://${upstream.host}:${upstream.port}`,
        store: store.address,
        encryptionKeys: [encryptionKey],
        limits: options.limits ?? false,
        skewMs: options.skewsMs?.[index] ?? 0,
        leaseMs: options.leaseMs ?? DEFAULT_LEASE_MS,
        absoluteTimeoutMs: WEEK_MS,
      })
      opened.push({ close: () => process.stop() })
      await process.start()
      return process
    }
    const processes = [await start(ports[0], 0), await start(ports[1], 1), await start(ports[2], 2)] as const
    const written = recorder()
    const note = (ms: number) => written.noteFault(STALL, ms)
    for (const process of processes) process.onStall = note
    const stopWatching = watchStalls(note)
    keep({ close: async () => stopWatching() })
    return {
      site: { origin, ports: [...ports], recorder: written, cookies: new Set() },
      recorder: written,
      store,
      idp,
      api,
      provider,
      upstream,
      processes,
      encryptionKey,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}
