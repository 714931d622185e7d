import type { Server } from 'node:http'
import {
  type Bff,
  type BffConfig,
  type Clock,
  createBff,
  generateEncryptionKey,
  type Stores,
  systemClock,
} from '@bff/core'
import { generateDpopKeyPair } from '@bff/core/dpop'
import { apiProxy } from '@bff/core/proxy'
import { sessionCache } from '@bff/core/store'
import { undiciUpstream } from '@bff/node'
import { type Fetch, oidc } from '@bff/oidc'
import { memoryStore } from '@bff/store-memory'
import { APP_ORIGIN, type ProviderAddress, type Surroundings } from '../protocol.ts'

/** A server, and how a browser is signed in to it. */
export interface Measured {
  readonly app: Server
  /** The `Cookie` header of a signed-in browser; `null` when only a sign-in gives it. */
  readonly cookie: string | null
  /** Where a sign-in at the provider begins. @default it has none, and without `cookie` `GET /sign-in` signs in */
  readonly login?: string
  readonly bff?: Bff
}

/** Starts a server that is measured beside ours. */
export type Peer = (surroundings: Surroundings) => Promise<Measured>

let steppedMs = 0

/** The time of the system, and what the benchmark stepped it by. */
const clock: Clock = { ...systemClock, now: () => systemClock.now() + steppedMs }

export function stepClock(ms: number): void {
  steppedMs += ms
}

export type StoreKind = 'memory' | 'Redis' | 'SQLite' | 'Postgres'

/** Loads only the store that it opens: all drivers in one process would make its heap larger than that of any app. */
export async function openStore(
  kind: StoreKind,
  { redis = '', postgres = '', sqlite = '' }: Surroundings,
): Promise<Stores> {
  if (kind === 'memory') return memoryStore()
  if (kind === 'Redis') return (await import('@bff/store-redis')).redisStore({ url: redis })
  if (kind === 'SQLite') return (await import('@bff/store-drizzle/sqlite')).sqliteStore({ path: sqlite })
  return (await import('@bff/store-drizzle/postgres')).postgresStore({ url: postgres })
}

interface Setting extends Pick<Surroundings, 'encryptionKey' | 'provider'> {
  readonly store?: Stores
  /** The origin of the API to relay to. */
  readonly target?: string
  readonly isCached?: boolean
}

export function bffFor({ store = memoryStore(), target, isCached = false, ...setting }: Setting): Bff {
  const { encryptionKey = generateEncryptionKey(), provider } = setting
  const config: BffConfig = {
    origin: APP_ORIGIN,
    store,
    clock,
    encryptionKeys: [encryptionKey],
    onEvent: () => {},
    ...(provider !== undefined && { provider: providerAt(provider) }),
    ...(isCached && { cache: sessionCache() }),
    ...(target !== undefined && {
      proxy: apiProxy({ routes: [{ path: '/api', target }], upstream: undiciUpstream() }),
    }),
  }
  return createBff(config)
}

function providerAt({ issuer, clientId, clientSecret, through }: ProviderAddress) {
  const scope = 'openid profile offline_access orders'
  const fetchThrough: Fetch = (url, init) => fetch(through + new URL(url).pathname, init)
  return oidc({
    ...{ issuer, clientId, clientSecret, scope },
    ...(through !== undefined && { fetch: fetchThrough }),
  })
}

/** Signs alice in, with tokens of the size that providers issue. */
export async function cookieOf(bff: Bff, kind: 'Bearer' | 'DPoP' = 'Bearer'): Promise<string> {
  const { cookie } = await bff.sessions.create({
    userId: 'alice',
    issuer: 'https://id.example.com',
    claims: { sub: 'alice', name: 'Alice', email: 'alice@example.com' },
    tokens: {
      accessToken: 'a'.repeat(900),
      refreshToken: 'r'.repeat(200),
      expiresIn: 86_400,
      ...(kind === 'DPoP' && { dpopKeyPair: await generateDpopKeyPair() }),
    },
  })
  return cookie.split(';', 1)[0] ?? ''
}
