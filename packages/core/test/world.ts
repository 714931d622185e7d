import { randomBytes } from 'node:crypto'
import { manualClock } from '@bff/test-support/clock'
import { memoryStore } from '../../store-memory/src/index.ts'
import {
  type Bff,
  type BffConfig,
  BffError,
  type BffEvent,
  createBff,
  type Grant,
  type IdentityProvider,
  type LogoutTokenClaims,
  type RefusedGrant,
  type Reply,
  type RequestView,
  type TokenSet,
} from '../src/index.ts'
import { apiProxy, type Upstream, type UpstreamRequest } from '../src/proxy/index.ts'

export const ORIGIN = 'https://app.example.com'

/** A request as plain data, with what a browser on the app's own page sends. */
export function request(method: string, target: string, headers: Record<string, string> = {}): RequestView {
  return {
    method,
    target,
    remoteAddress: '192.0.2.7',
    header: (name) => headers[name],
    headers: () => Object.entries(headers),
    body: () => undefined,
    signal: new AbortController().signal,
  }
}

/** A provider in this process whose answers a test writes. */
export class ScriptedProvider implements IdentityProvider {
  readonly calls: string[] = []
  readonly revoked: string[] = []
  /** Authorization parameters, by sign-in. */
  readonly asked: Readonly<Record<string, string>>[] = []
  subject = 'alice'
  sid: string | null = 'sid-1'
  /** More claims of the ID token. */
  claims: Readonly<Record<string, unknown>> = {}
  expiresIn: number | null = 60
  refreshTokenExpiresIn: number | null = null
  /** Throw from here to make a refresh fail. */
  onRefresh: () => void | Promise<void> = () => {}
  onAuthorize: () => void = () => {}
  onExchange: () => void | Promise<void> = () => {}
  onLogoutToken: (jwt: string) => LogoutTokenClaims = () => {
    throw new BffError('bad_request')
  }
  onEndSession: () => string | null = () => 'https://idp.example.com/end'
  #issued = 0

  tokens(): TokenSet {
    const number = ++this.#issued
    return {
      accessToken: `access-${number}`,
      expiresIn: this.expiresIn,
      refreshToken: `refresh-${number}`,
      refreshTokenExpiresIn: this.refreshTokenExpiresIn,
      idToken: null,
      scope: 'openid orders',
      dpopKeyPair: null,
      claims: null,
    }
  }

  async authorize({ state, parameters }: { state: string; parameters: Readonly<Record<string, string>> }) {
    this.calls.push('authorize')
    this.onAuthorize()
    this.asked.push(parameters)
    return { url: `https://idp.example.com/auth?state=${state}`, transaction: { verifier: 'v' } }
  }

  async exchange(_callback?: { readonly onRefused?: (grant: RefusedGrant) => void }): Promise<Grant> {
    this.calls.push('exchange')
    await this.onExchange()
    const { subject } = this
    const claims = {
      iss: 'https://idp.example.com',
      sub: subject,
      name: 'Alice',
      roles: ['buyer', 'admin'],
      ...this.claims,
    }
    const issuer = 'https://idp.example.com'
    return { ...this.tokens(), claims, issuer, subject, providerSessionId: this.sid, sessionState: 'state-1' }
  }

  async refresh() {
    this.calls.push('refresh')
    await this.onRefresh()
    return this.tokens()
  }

  async revoke({ token }: { token: string }) {
    this.revoked.push(token)
  }

  isMaker({ issuer }: { readonly issuer: string | null }): boolean {
    return issuer === null || issuer === 'https://idp.example.com'
  }

  sharesGrants(): boolean {
    return true
  }

  async apiToken(): Promise<TokenSet> {
    throw new BffError('provider_misconfigured')
  }

  async endSessionUrl({ state }: { state: string | null }) {
    const url = this.onEndSession()
    return url === null || state === null ? url : `${url}?state=${state}`
  }

  async verifyLogoutToken(jwt: string): Promise<LogoutTokenClaims> {
    return this.onLogoutToken(jwt)
  }
}

/** An API in this process that records what reached it. */
export class RecordingUpstream implements Upstream {
  readonly requests: UpstreamRequest[] = []
  status = 200

  async send(upstreamRequest: UpstreamRequest) {
    this.requests.push(upstreamRequest)
    return { status: this.status, headers: [['content-type', 'application/json'] as const], body: null }
  }

  async close() {}
}

/** A BFF with everything around it in this process, and a browser to use it with. */
export function world(config: Partial<BffConfig> = {}) {
  const clock = manualClock()
  const store = memoryStore()
  const provider = new ScriptedProvider()
  const upstream = new RecordingUpstream()
  const events: BffEvent[] = []
  const bff = createBff({
    origin: ORIGIN,
    store,
    encryptionKeys: [randomBytes(32).toString('base64')],
    provider,
    proxy: apiProxy({ routes: [{ path: '/api', target: 'https://orders.internal' }], upstream }),
    clock,
    onEvent: (event) => events.push(event),
    ...config,
  })
  return { bff, clock, store, provider, upstream, events, browser: () => new Browser(bff) }
}

/** Keeps cookies as a browser does, and sends what a page of the app sends. */
export class Browser {
  readonly cookies = new Map<string, string>()
  readonly #bff: Bff

  constructor(bff: Bff) {
    this.#bff = bff
  }

  get cookieHeader(): Record<string, string> {
    if (this.cookies.size === 0) return {}
    return { cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ') }
  }

  /** The view of a script's request from the app's page. */
  view(method: string, target: string, headers: Record<string, string> = {}): RequestView {
    return request(method, target, {
      ...this.cookieHeader,
      'x-csrf': '1',
      'sec-fetch-site': 'same-origin',
      'sec-fetch-mode': 'cors',
      ...headers,
    })
  }

  async send(view: RequestView): Promise<Reply> {
    const reply = await this.#bff.handle(view)
    if (reply === undefined) throw new Error(`${view.target} is not a path of the BFF.`)
    for (const [name, value] of reply.headers) if (name === 'set-cookie') this.keep(value)
    return reply
  }

  keep(setCookie: string): void {
    const [pair = ''] = setCookie.split(';')
    const name = pair.slice(0, pair.indexOf('='))
    if (/; Max-Age=0(;|$)/.test(setCookie)) this.cookies.delete(name)
    else this.cookies.set(name, pair.slice(name.length + 1))
  }

  fetch(method: string, target: string, headers: Record<string, string> = {}): Promise<Reply> {
    return this.send(this.view(method, target, headers))
  }

  navigate(target: string, headers: Record<string, string> = {}): Promise<Reply> {
    const navigation = {
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
      'sec-fetch-site': 'none',
    }
    return this.send(request('GET', target, { ...this.cookieHeader, ...navigation, ...headers }))
  }

  /** Starts signing in; answers the state the provider would send back. */
  async startSignIn(returnTo = '/orders'): Promise<string> {
    const reply = await this.navigate(`/bff/login?returnTo=${encodeURIComponent(returnTo)}`)
    return new URL(headerOf(reply, 'location') ?? '').searchParams.get('state') ?? ''
  }

  async signIn(returnTo = '/orders'): Promise<Reply> {
    return this.navigate(`/bff/callback?code=c&state=${await this.startSignIn(returnTo)}`)
  }
}

export const headerOf = (reply: Reply, name: string) => reply.headers.find(([header]) => header === name)?.[1]
export const setCookies = (reply: Reply) =>
  reply.headers.filter(([name]) => name === 'set-cookie').map(([, v]) => v)
export const jsonOf = (reply: Reply) => JSON.parse(String(reply.body))
