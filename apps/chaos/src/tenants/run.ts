import { type Bff, createBff, generateEncryptionKey } from '@bff/core'
import { backchannelLogout } from '@bff/core/endpoints'
import { origins } from '@bff/core/origins'
import { withPartition } from '@bff/core/store'
import { createDiscoveryCache, oidc } from '@bff/oidc'
import { memoryStore } from '@bff/store-memory'
import { seeded } from '../random.ts'
import { type Issuer, startIssuers } from './issuers.ts'
import { Person } from './person.ts'

export interface TenantsOptions {
  readonly tenants: number
  /** How many origins each has. */
  readonly origins: number
  readonly signIns: number
  /** How many people act at once. */
  readonly atOnce: number
  readonly seed: number
}

export interface TenantsReport {
  readonly signIns: number
  readonly refreshes: number
  readonly signOuts: number
  readonly backChannelLogouts: number
  /** Sessions that were left alone, and were still those of their users at the end. */
  readonly kept: number
  /** What one tenant got of another, and what was not as it should be; must be empty. */
  readonly violations: readonly string[]
  /** The most reads of the metadata of one provider. */
  readonly discoveries: number
  readonly seconds: number
  /** The heap in MiB: at the start, with every session that is left, and after they are deleted. */
  readonly heap: readonly [start: number, full: number, end: number]
}

interface Tenant {
  readonly issuer: Issuer
  readonly origins: readonly string[]
  bff: Bff
  isRemoved: boolean
}

const MIB = 1_048_576
/** What a sign-in may leave behind: marks of a few minutes in the store, and what the providers keep in this process. */
const LEFT_BYTES = 4_096
/** Code that was compiled meanwhile, and connections. */
const BASE_MIB = 20

/**
 * Many tenants in one process, each with its provider, its origins and its partition of one store; people of the same names sign in,
 * refresh and sign out everywhere at once, while a tenant is added, changed and removed.
 */
export async function runTenants(options: TenantsOptions): Promise<TenantsReport> {
  const started = performance.now()
  const random = seeded(options.seed)
  const issuers = await startIssuers()
  const store = memoryStore()
  const discoveryCache = createDiscoveryCache()
  const tenants: Tenant[] = []
  const violations: string[] = []
  const counts = { signIns: 0, refreshes: 0, signOuts: 0, backChannelLogouts: 0 }
  const kept: Array<{ readonly tenant: Tenant; readonly person: Person }> = []

  function bffOf(issuer: Issuer, all: readonly string[]): Bff {
    const [secret = ''] = [...issuer.secrets].slice(-1)
    return createBff({
      origin: origins(all),
      store: withPartition(store, issuer.name),
      encryptionKeys: [KEY],
      provider: oidc({
        issuer: issuer.issuer,
        clientId: issuer.clientId,
        clientSecret: secret,
        discoveryCache,
        signingAlgorithms: ['ES256'],
      }),
      logout: { revokeTokens: 'always' },
      plugins: [backchannelLogout()],
      onEvent: () => {},
    })
  }

  async function addTenant(): Promise<void> {
    const name = `t${tenants.length}`
    const all = Array.from({ length: options.origins }, (_, at) => `https://${name}-${at}.example.com`)
    const issuer = await issuers.add(
      name,
      all.map((origin) => `${origin}/bff/callback`),
    )
    tenants.push({ issuer, origins: all, bff: bffOf(issuer, all), isRemoved: false })
  }

  /** Sessions go on: the new BFF has the same partition and keys. The old one ends its work first. */
  async function changeSecret(tenant: Tenant): Promise<void> {
    const { issuer } = tenant
    const old = tenant.bff
    issuer.secrets.add(`${issuer.name}.secret-2`)
    tenant.bff = bffOf(issuer, tenant.origins)
    await old.close()
    issuer.secrets.delete(`${issuer.name}.secret`)
  }

  async function act(index: number): Promise<void> {
    if (index === Math.floor(options.signIns / 4)) await addTenant()
    if (index === Math.floor(options.signIns / 2)) await changeSecret(tenants[0] as Tenant)
    const gone = tenants[1]
    if (index === Math.floor((options.signIns * 3) / 4) && gone !== undefined) {
      gone.isRemoved = true
      await gone.bff.close()
    }
    const open = tenants.filter(({ isRemoved }) => !isRemoved)
    const tenant = open[random.below(open.length)] as Tenant
    const other = open[(open.indexOf(tenant) + 1 + random.below(open.length - 1)) % open.length] as Tenant
    const person = new Person(
      tenant.origins[random.below(options.origins)] ?? '',
      `user-${random.below(100)}`,
    )
    const problem = await live(tenant, other, person, random.below(10)).catch((error: unknown) =>
      String(error),
    )
    if (problem !== null && !tenant.isRemoved) violations.push(`${tenant.issuer.name}: ${problem}`)
  }

  async function live(tenant: Tenant, other: Tenant, person: Person, fate: number): Promise<string | null> {
    const begun = await person.navigate(tenant.bff, '/bff/login')
    const query = tenant.issuer.authorize(begun.headers.get('location') ?? '', person.user)
    await person.navigate(tenant.bff, `/bff/callback?${query}`, 'cross-site')
    const claims = await person.claims(tenant.bff)
    if (claims['sub'] !== person.user || claims['tenant'] !== tenant.issuer.name)
      return `${person.user} is ${claims['sub']} of ${claims['tenant']}`
    counts.signIns++
    const refreshed = await person.call(tenant.bff, 'POST', '/bff/refresh')
    if (refreshed.status !== 200) return `the refresh answered ${refreshed.status}`
    counts.refreshes++

    const elsewhere = new Person(other.origins[0] ?? '', person.user)
    for (const [name, value] of person.cookies) elsewhere.cookies.set(name, value)
    if (await elsewhere.isSignedIn(other.bff)) return `its cookie is good for ${other.issuer.name}`

    if (fate < 4) {
      const signedOut = await person.call(tenant.bff, 'POST', '/bff/logout')
      if (signedOut.status !== 200) return `the sign-out answered ${signedOut.status}`
      counts.signOuts++
      return null
    }
    if (fate < 7) return logOutFromAbove(tenant, other, person, claims['sid'] ?? '')
    kept.push({ tenant, person })
    return null
  }

  async function logOutFromAbove(tenant: Tenant, other: Tenant, person: Person, sid: string) {
    const token = await tenant.issuer.logoutToken(sid)
    const send = (to: Tenant) =>
      to.bff.fetch(
        new Request(`${to.origins[0]}/bff/backchannel-logout`, {
          method: 'POST',
          body: new URLSearchParams({ logout_token: token }),
        }),
      )
    const wrong = await send(other)
    if (wrong.status !== 400) return `${other.issuer.name} answered ${wrong.status} to its logout token`
    if (!(await person.isSignedIn(tenant.bff))) return 'another tenant ended its session'
    const right = await send(tenant)
    if (right.status !== 200) return `the logout token was answered ${right.status}`
    if (await person.isSignedIn(tenant.bff)) return 'the logout token ended nothing'
    counts.backChannelLogouts++
    return null
  }

  for (let index = 0; index < options.tenants; index++) await addTenant()
  const start = heapOf()
  let next = 0
  const worker = async () => {
    while (next < options.signIns) await act(next++)
  }
  await Promise.all(Array.from({ length: options.atOnce }, worker))
  const left = kept.filter(({ tenant }) => !tenant.isRemoved)
  for (const { tenant, person } of left) {
    const { sub, tenant: name } = await person.claims(tenant.bff)
    if (sub !== person.user || name !== tenant.issuer.name)
      violations.push(
        `${tenant.issuer.name}: the session of ${person.user} is lost, or that of ${sub} of ${name}`,
      )
  }
  const full = heapOf()
  kept.length = 0
  for (const { issuer } of tenants) {
    const { sessions } = withPartition(store, issuer.name)
    for (let user = 0; user < 100; user++) await sessions.deleteAll({ userId: `user-${user}` })
  }
  if (store.count() > 0) violations.push(`${store.count()} sessions are in no partition`)
  const end = heapOf()
  if (globalThis.gc && end - start > BASE_MIB + (options.signIns * LEFT_BYTES) / MIB)
    violations.push(`the heap grew from ${start} to ${end} MiB, with every session deleted`)
  await Promise.all(tenants.map(({ bff }) => bff.close()))
  await store.sessions.close()
  await issuers.close()
  return {
    ...counts,
    kept: left.length,
    violations: [...issuers.crossings, ...violations],
    discoveries: Math.max(...tenants.map(({ issuer }) => issuer.discoveries)),
    seconds: Math.round((performance.now() - started) / 1000),
    heap: [start, full, end],
  }
}

/** The same for all, so that nothing but the partition, the provider and the origin keeps tenants apart. */
const KEY = generateEncryptionKey()

/** Collected first, where the process allows it (`--expose-gc`). */
function heapOf(): number {
  globalThis.gc?.()
  return Math.round(process.memoryUsage().heapUsed / MIB)
}
