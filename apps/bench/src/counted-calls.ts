import { Redis } from 'ioredis'
import { startServer } from './measured-server.ts'
import type { Need, StoreCalls, Surroundings } from './protocol.ts'
import type { Scenario } from './scenarios.ts'
import { type CountingProxy, countCalls } from './wire/counting-proxy.ts'
import { countTokenCalls, type ProviderProxy } from './wire/provider-proxy.ts'

/** What one request caused on the wire, on average; `null` where the servers have neither store nor provider. */
export interface CallsPerRequest {
  readonly reads: number | null
  readonly writes: number | null
  /** Requests to the token endpoint. */
  readonly provider: number | null
}

/** Requests that are not counted: the first of a session may write, as a touch does. */
const WARM_UP = 16
const CONNECTIONS = 8

/** How many requests, or sign-ins, are counted. */
export const COUNTED = { requests: 200, 'sign-ins': 16 } as const

/**
 * Counts what the requests of a scenario cause at the store and at the provider, in proxies between them and a server that
 * is not measured. SQLite has no wire: there, the calls of its driver count.
 */
export async function countedCalls(
  program: string,
  name: string,
  scenario: Scenario,
  surroundings: Surroundings,
): Promise<CallsPerRequest> {
  const proxies = await startProxies(surroundings, scenario.needs)
  const server = await startServer(program, name, proxies.addresses)
  try {
    await server.load(scenario, WARM_UP, CONNECTIONS)
    if (scenario.needs.includes('sqlite')) await server.ask<StoreCalls>('sqlite')
    const before = proxies.totals()
    const times = COUNTED[scenario.kind]
    await server.load(scenario, times, CONNECTIONS)
    const after = proxies.totals()
    const sqlite = scenario.needs.includes('sqlite') ? await server.ask<StoreCalls>('sqlite') : NO_CALLS
    const of = (kind: keyof typeof after, more: number) => (after[kind] - before[kind] + more) / times
    return {
      reads: proxies.hasStore ? of('reads', sqlite.reads) : null,
      writes: proxies.hasStore ? of('writes', sqlite.writes) : null,
      provider: surroundings.provider === undefined ? null : of('provider', 0),
    }
  } finally {
    await server.stop()
    await proxies.stop()
  }
}

const NO_CALLS: StoreCalls = { reads: 0, writes: 0 }

export interface Proxies {
  /** Of the proxies, where the surroundings' own were. */
  readonly addresses: Surroundings
  readonly hasStore: boolean
  totals(): { readonly reads: number; readonly writes: number; readonly provider: number }
  stop(): Promise<void>
}

/** Puts a proxy before each store and before the provider. */
export async function startProxies(surroundings: Surroundings, needs: readonly Need[]): Promise<Proxies> {
  const { redis, postgres, provider } = surroundings
  const stores: CountingProxy[] = []
  let addresses = surroundings
  if (redis !== undefined) {
    await forgetScripts(redis)
    const proxy = await countCalls('redis', redis)
    stores.push(proxy)
    addresses = { ...addresses, redis: proxy.url }
  }
  if (postgres !== undefined) {
    const proxy = await countCalls('postgres', postgres)
    stores.push(proxy)
    addresses = { ...addresses, postgres: proxy.url }
  }
  let tokens: ProviderProxy | null = null
  if (provider !== undefined) {
    tokens = await countTokenCalls(provider.issuer)
    addresses = { ...addresses, provider: { ...provider, through: tokens.origin } }
  }
  const sum = (kind: 'reads' | 'writes') => stores.reduce((total, { calls }) => total + calls[kind], 0)
  return {
    addresses,
    hasStore: stores.length > 0 || needs.includes('sqlite'),
    totals: () => ({ reads: sum('reads'), writes: sum('writes'), provider: tokens?.tokenCalls ?? 0 }),
    async stop() {
      await Promise.all([...stores.map((proxy) => proxy.stop()), tokens?.stop()])
    },
  }
}

/** Clients then send the text of each script again, which says what it calls. */
async function forgetScripts(url: string): Promise<void> {
  const client = new Redis(url)
  await client.script('FLUSH')
  client.disconnect()
}

/** What the calls of a server of ours break: one read and no write for each request, and none needed with the cache. */
export function callProblems(
  server: string,
  { kind, name }: Pick<Scenario, 'kind' | 'name'>,
  calls: CallsPerRequest | null,
): string[] {
  if (calls === null || kind !== 'requests' || !server.startsWith('bff ')) return []
  const { reads, writes, provider } = calls
  const isCached = server.endsWith(', cache')
  const problems = [
    ...(reads === null || (isCached ? reads < 1 : reads === 1) || server.endsWith(', memory')
      ? []
      : [`${reads} store reads for each request, in place of ${isCached ? 'less than ' : ''}1`]),
    ...(writes === null || writes === 0 ? [] : [`${writes} store writes for each request, in place of 0`]),
    ...(provider === null || provider === 0
      ? []
      : [`${provider} provider calls for each request, in place of 0`]),
  ]
  return problems.map((problem) => `${name}, ${server}: ${problem}.`)
}
