import { manualClock } from '@bff/test-support/clock'
import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../../store-memory/src/index.ts'
import { backchannelLogout } from '../../src/endpoints/index.ts'
import {
  type AuthorizationRequest,
  BffError,
  createBff,
  type EndSessionRequest,
  generateEncryptionKey,
  type IdentityProvider,
  type LogoutTokenClaims,
  type RevocationRequest,
} from '../../src/index.ts'
import { providers } from '../../src/providers/index.ts'
import { Browser, headerOf, jsonOf, request, ScriptedProvider } from '../world.ts'

/** A provider at an issuer of its own, which records what it is sent. */
class TenantProvider extends ScriptedProvider {
  readonly issuer: string
  readonly client: string
  readonly seen: string[] = []
  constructor(issuer: string, client = 'app') {
    super()
    this.issuer = issuer
    this.client = client
  }
  override isMaker({ issuer }: { readonly issuer: string | null }) {
    return issuer === this.issuer
  }
  override async authorize(asked: AuthorizationRequest) {
    this.seen.push('authorize')
    const transaction = { verifier: 'v', of: this.client }
    return { url: `${this.issuer}/auth?state=${asked.state}`, transaction }
  }
  override async exchange(_callback?: unknown, transaction?: Readonly<Record<string, unknown>>) {
    this.seen.push(`exchange ${transaction?.['of']}`)
    const grant = await super.exchange()
    return { ...grant, issuer: this.issuer, claims: { iss: this.issuer, sub: this.subject } }
  }
  override async refresh() {
    this.seen.push('refresh')
    return this.tokens()
  }
  override async revoke({ token, issuer }: RevocationRequest) {
    this.seen.push(`revoke ${token} of ${issuer}`)
  }
  override sharesGrants() {
    return false
  }
  override async endSessionUrl({ subject }: EndSessionRequest) {
    this.seen.push(`end ${subject}`)
    return `${this.issuer}/end`
  }
  /** Its tokens are JSON in the middle of a JWT. */
  override async verifyLogoutToken(jwt: string): Promise<LogoutTokenClaims> {
    const { aud, ...claims } = JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString())
    if (claims.iss !== this.issuer || aud !== this.client) throw new BffError('bad_request')
    this.seen.push('logout token')
    return { ...claims, issuer: claims.iss }
  }
}

let tokens = 0

function appWith(provider: IdentityProvider, clock = manualClock()) {
  const store = memoryStore({ clock })
  const bff = createBff({
    origin: 'https://app.example.com',
    store,
    encryptionKeys: [generateEncryptionKey()],
    provider,
    plugins: [backchannelLogout()],
    clock,
    onEvent: () => {},
  })
  const signIn = async (query = '', browser = new Browser(bff)) => {
    const begun = await browser.navigate(`/bff/login${query}`)
    const state = new URL(headerOf(begun, 'location') ?? '', 'https://app.example.com').searchParams.get(
      'state',
    )
    await browser.navigate(`/bff/callback?code=c&state=${state}`)
    return browser
  }
  const whoIs = async (browser: Browser) => jsonOf(await browser.fetch('GET', '/bff/session')).user_id ?? null
  const logOut = async (claims: Record<string, unknown>, query = '') => {
    const issuedAt = Math.floor(clock.now() / 1000)
    const jti = `jti-${++tokens}`
    const payload = {
      issuedAt,
      expiresAt: issuedAt + 60,
      jti,
      providerSessionId: null,
      aud: 'app',
      ...claims,
    }
    const jwt = `e30.${Buffer.from(JSON.stringify(payload)).toString('base64url')}.x`
    const view = request('POST', `/bff/backchannel-logout${query}`, {
      'content-type': 'application/x-www-form-urlencoded',
    })
    async function* body() {
      yield new TextEncoder().encode(`logout_token=${jwt}`)
    }
    return (await bff.handle({ ...view, body }))?.status
  }
  return { bff, clock, store, signIn, whoIs, logOut }
}

const COMPANY = 'https://id.company.example'
const CUSTOMERS = 'https://id.customers.example'

function two() {
  const company = new TenantProvider(COMPANY)
  const customers = new TenantProvider(CUSTOMERS)
  const provider = providers(
    { company, customers },
    {
      default: 'customers',
      choose: (view) => (view.header('host') === 'staff.example.com' ? 'company' : null),
    },
  )
  return { company, customers, ...appWith(provider) }
}

describe('several providers', () => {
  it('sign in at the one that is asked for, chosen, or the default, and nowhere else', async () => {
    const { company, customers, bff, signIn } = two()
    await signIn('?provider=company')
    expect([company.seen, customers.seen]).toEqual([['authorize', 'exchange app'], []])
    await signIn()
    expect(customers.seen).toEqual(['authorize', 'exchange app'])
    const staff = new Browser(bff)
    const begun = await staff.navigate('/bff/login', { host: 'staff.example.com' })
    expect(headerOf(begun, 'location')).toMatch(/^https:\/\/id\.company/)
    const unknown = await staff.navigate('/bff/login?provider=nobody')
    expect(headerOf(unknown, 'location')).toBe('/?error=bad_request')
  })

  it('refresh, revoke and sign out at the one that made the session', async () => {
    const { company, customers, clock, bff, signIn } = two()
    const user = await signIn('?provider=company')
    company.seen.length = 0
    expect((await user.fetch('POST', '/bff/refresh')).status).toBe(200)
    expect(jsonOf(await user.fetch('POST', '/bff/logout')).logout_url).toBe(`${COMPANY}/end`)
    await clock.advance(1)
    await bff.close()
    expect(company.seen.sort()).toEqual(['end alice', 'refresh', `revoke refresh-2 of ${COMPANY}`])
    expect(customers.seen).toEqual([])
  })

  it('ask the maker of the session again at a step-up', async () => {
    const { company, signIn } = two()
    const user = await signIn('?provider=company')
    const again = await user.navigate('/bff/login?returnTo=/pay')
    expect(headerOf(again, 'location')).toMatch(/^https:\/\/id\.company/)
    expect(company.seen).toEqual(['authorize', 'exchange app', 'authorize'])
  })

  it('keep namesakes at two providers apart when one of them logs out', async () => {
    const { customers, signIn, whoIs, logOut } = two()
    const [employee, customer] = [await signIn('?provider=company'), await signIn('?provider=customers')]
    expect(await logOut({ iss: COMPANY, subject: 'alice' })).toBe(200)
    expect([await whoIs(employee), await whoIs(customer)]).toEqual([null, 'alice'])
    expect(customers.seen).not.toContain('logout token')
    expect(await logOut({ iss: 'https://stranger.example', subject: 'alice' })).toBe(400)
  })

  it('tell providers with one issuer apart by name', async () => {
    const [web, kiosk] = [new TenantProvider(COMPANY, 'web'), new TenantProvider(COMPANY, 'kiosk')]
    const { signIn, whoIs, logOut } = appWith(providers({ web, kiosk }))
    const user = await signIn('?provider=kiosk')
    expect((await user.fetch('POST', '/bff/refresh')).status).toBe(200)
    expect([web.seen, kiosk.seen]).toEqual([[], ['authorize', 'exchange kiosk', 'refresh']])
    expect(await logOut({ iss: COMPANY, subject: 'alice', aud: 'kiosk' })).toBe(200)
    expect(await whoIs(user)).toBeNull()
  })

  it.each([
    [() => providers({}), /at least one/],
    [() => providers({ 'a b': new TenantProvider(COMPANY) }), /a b is not the name/],
    [() => providers({ a: new TenantProvider(COMPANY) }, { default: 'b' as 'a' }), /b is not the name/],
    [() => providers({ load: () => null, ttlMs: 1 }), /ttlMs/],
    [() => providers({ load: () => null, max: 0 }), /max/],
  ])('refuse a configuration that cannot work: %#', (make, message) => {
    expect(make).toThrow(message)
  })
})

describe('providers loaded by name', () => {
  function tenants(options: { max?: number; ttlMs?: number } = {}) {
    const clock = manualClock()
    const loads: string[] = []
    const made = new Map<string, TenantProvider[]>()
    const broken = new Set<string>()
    const load = async (name: string) => {
      loads.push(name)
      await Promise.resolve()
      if (broken.has(name)) throw new Error('The table of tenants does not answer.')
      if (name.startsWith('no-')) return null
      const provider = new TenantProvider(`https://${name}.example`)
      made.set(name, [...(made.get(name) ?? []), provider])
      return provider
    }
    const app = appWith(providers({ load, clock, ...options }), clock)
    return { ...app, loads, broken, of: (name: string) => made.get(name) ?? [] }
  }

  it('are loaded once for requests that come together, and again after their time', async () => {
    const { clock, loads, signIn, of } = tenants({ ttlMs: 60_000 })
    const users = await Promise.all(Array.from({ length: 20 }, () => signIn('?provider=acme')))
    expect(loads).toEqual(['acme'])
    await clock.advance(60_001)
    await Promise.all(users.map((user) => user.fetch('POST', '/bff/refresh')))
    expect(loads).toEqual(['acme', 'acme'])
    expect(of('acme').map(({ seen }) => seen.filter((call) => call === 'refresh').length)).toEqual([0, 20])
  })

  it('keep no more than their limit, and no name that does not exist', async () => {
    const { loads, signIn } = tenants({ max: 2 })
    for (const name of ['a', 'b', 'c', 'a', 'no-1', 'no-1']) await signIn(`?provider=${name}`).catch(() => {})
    expect(loads).toEqual(['a', 'b', 'c', 'a', 'no-1', 'no-1'])
    await signIn(`?provider=${'x'.repeat(65)}`).catch(() => {})
    await signIn('?provider=../x').catch(() => {})
    expect(loads).toHaveLength(6)
  })

  it('harm no other when one fails, and are asked again', async () => {
    const { clock, broken, signIn, whoIs, loads } = tenants({ ttlMs: 60_000 })
    const [one, other] = [await signIn('?provider=one'), await signIn('?provider=other')]
    broken.add('one')
    await clock.advance(60_001)
    expect((await one.fetch('POST', '/bff/refresh')).status).toBe(503)
    expect((await other.fetch('POST', '/bff/refresh')).status).toBe(200)
    expect(await whoIs(one)).toBe('alice')
    broken.delete('one')
    expect((await one.fetch('POST', '/bff/refresh')).status).toBe(200)
    expect(loads.filter((name) => name === 'one')).toHaveLength(3)
  })

  it('take logout tokens for the tenant that the address names', async () => {
    const { signIn, whoIs, logOut } = tenants()
    const user = await signIn('?provider=acme')
    const token = { iss: 'https://acme.example', subject: 'alice' }
    expect(await logOut(token)).toBe(400)
    expect(await logOut(token, '?provider=other')).toBe(400)
    expect(await whoIs(user)).toBe('alice')
    expect(await logOut(token, '?provider=acme')).toBe(200)
    expect(await whoIs(user)).toBeNull()
  })

  it('get nothing of a session once their name means another issuer', async () => {
    const clock = manualClock()
    let issuer = COMPANY
    const made: TenantProvider[] = []
    const load = () => {
      const provider = new TenantProvider(issuer)
      made.push(provider)
      return provider
    }
    const { signIn, bff } = appWith(providers({ load, clock, ttlMs: 60_000 }), clock)
    const user = await signIn('?provider=acme')
    issuer = CUSTOMERS
    await clock.advance(60_001)
    expect((await user.fetch('POST', '/bff/refresh')).status).toBe(503)
    await user.fetch('POST', '/bff/logout')
    await clock.advance(1)
    await bff.close()
    expect(made.slice(1).flatMap(({ seen }) => seen)).toEqual([])
  })
})
