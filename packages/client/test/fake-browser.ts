import type { BffClientOptions } from '../src/bff-client.ts'
import { createClient } from '../src/client.ts'
import type { BffClient, SessionEvent } from '../src/index.ts'
import type { PageListeners, Platform } from '../src/platform.ts'
import { VirtualTime } from './virtual-time.ts'

export const ORIGIN = 'https://app.example.com'
const HOUR = 3_600_000

/** What a server knows; its answers are in the BFF's wire format. */
export interface FakeServer {
  session: {
    userId: string
    organizationId?: string
    endsAt: number
    accessTokenEndsAt: number
    /** What the BFF shows of the metadata. */
    metadata?: Readonly<Record<string, unknown>>
  } | null
  idleMs: number
  /** An error of the BFF, a connection that fails or stays silent, or somebody else's answer. */
  trouble: { code: string; status: number; retryAfter?: number } | 'network' | 'silence' | Response | null
  logoutUrl: string | null
  /** Answers of an API, by path. */
  readonly api: Map<string, () => Response>
}

/** One browser: tabs that share a cookie, with a server behind a network of known delay. */
export class FakeBrowser {
  readonly time = new VirtualTime()
  readonly calls: string[] = []
  readonly requests: Array<{ url: string; headers: Headers; init: RequestInit | undefined }> = []
  readonly messages: unknown[] = []
  readonly server: FakeServer = {
    session: null,
    idleMs: 8 * HOUR,
    trouble: null,
    logoutUrl: null,
    api: new Map(),
  }
  /** Milliseconds the next request or message takes one way. */
  delay = () => 10
  /** How far this browser's clock is ahead of the server's. */
  aheadMs = 0
  readonly #channels = new Map<string, Set<(message: unknown) => void>>()

  signInAs(userId: string): void {
    const { now } = this.time
    this.server.session = { userId, endsAt: now + this.server.idleMs, accessTokenEndsAt: now + 300_000 }
  }

  open(options: BffClientOptions = {}): Tab {
    return new Tab(this, options)
  }

  /** Opens a tab that listens, and lets it learn what there is to know. */
  async load(options: BffClientOptions = {}): Promise<Tab> {
    const tab = this.open(options)
    tab.listen()
    await this.time.pass(100)
    return tab
  }

  async fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    const target = input instanceof Request ? input.url : String(input)
    const url = new URL(target, ORIGIN)
    const path = url.origin === ORIGIN ? url.pathname + url.search : url.href
    this.calls.push(`${init?.method ?? 'GET'} ${path}`)
    this.requests.push({ url: url.href, headers: new Headers(init?.headers), init })
    await this.time.sleep(this.delay())
    if (this.server.trouble === 'silence') return untilAborted(init?.signal)
    const response = this.#answer(init?.method ?? 'GET', url)
    await this.time.sleep(this.delay())
    if (response === null) throw new TypeError('Failed to fetch')
    return response
  }

  #answer(method: string, { origin, pathname, searchParams }: URL): Response | null {
    const { server, time } = this
    if (origin !== ORIGIN) return Response.json({})
    const answer = server.api.get(pathname)
    if (answer !== undefined) return answer()
    const { trouble } = server
    if (trouble === 'network' || trouble === 'silence') return null
    if (trouble instanceof Response) return trouble.clone()
    if (trouble !== null) {
      const headers = new Headers()
      if (trouble.retryAfter !== undefined) headers.set('retry-after', String(trouble.retryAfter))
      return Response.json({ error: trouble.code, message: 'Trouble.' }, { status: trouble.status, headers })
    }
    if (server.session !== null && time.now > server.session.endsAt) server.session = null
    const { session } = server
    if (pathname === '/bff/logout' && method === 'POST') {
      server.session = null
      return Response.json({
        message: 'Logged out successfully',
        ...(server.logoutUrl !== null && { logout_url: server.logoutUrl }),
      })
    }
    if (session === null)
      return pathname === '/bff/session'
        ? Response.json({ authenticated: false })
        : Response.json({ error: 'no_session', message: 'Gone.' }, { status: 401 })
    if (pathname === '/bff/user') return Response.json(claimsOf(session.userId))
    const endsIn = session.endsAt - time.now
    if (searchParams.get('slide') !== 'false') session.endsAt = time.now + server.idleMs
    return Response.json({
      authenticated: true,
      user_id: session.userId,
      organization_id: session.organizationId,
      expires_at: new Date(time.now + endsIn).toISOString(),
      expires_in: Math.round(endsIn / 1000),
      access_token_expires_at: new Date(session.accessTokenEndsAt).toISOString(),
      metadata: session.metadata,
    })
  }

  openChannel(name: string, hear: (message: unknown) => void) {
    const members = this.#channels.get(name) ?? new Set()
    this.#channels.set(name, members)
    members.add(hear)
    return {
      post: (message: unknown) => {
        this.messages.push(message)
        for (const other of members)
          if (other !== hear) this.time.later(() => members.has(other) && other(message), this.delay())
      },
      close: () => void members.delete(hear),
    }
  }

  get openChannels(): number {
    return [...this.#channels.values()].reduce((sum, members) => sum + members.size, 0)
  }
}

const untilAborted = (signal: AbortSignal | null | undefined) =>
  new Promise<never>((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason))
  })

const TEXT = 'http://www.w3.org/2001/XMLSchema#string'

export const claimsOf = (userId: string) => [
  { type: 'sub', value: userId, valueType: TEXT },
  { type: 'role', value: 'buyer', valueType: TEXT },
  { type: 'role', value: 'admin', valueType: TEXT },
]

/** One page of the browser, with its client. */
export class Tab {
  readonly client: BffClient
  readonly events: SessionEvent[] = []
  readonly visited: string[] = []
  readonly windows: {
    readonly url: string
    closed: boolean
    focused: number
    post(message: unknown): void
  }[] = []
  /** Whether a page of another site frames this one. */
  framed = false
  blocksWindows = false
  /** A provider's page may have `Cross-Origin-Opener-Policy`. */
  cutsWindowsOff = false
  visible = true
  readonly #pages = new Set<PageListeners>()

  constructor(browser: FakeBrowser, options: BffClientOptions) {
    const { time } = browser
    const platform: Platform = {
      now: () => time.now + browser.aheadMs,
      fetch: (input, init) => browser.fetch(input, init),
      later: (work, ms) => time.later(work, ms),
      openChannel: (name, hear) => browser.openChannel(name, hear),
      listen: (page) => {
        this.#pages.add(page)
        return () => void this.#pages.delete(page)
      },
      isVisible: () => this.visible,
      resolve: (input) => new URL(input, `${ORIGIN}/orders/`),
      origin: () => ORIGIN,
      here: () => '/orders/?page=2#top',
      navigate: (url) => this.visited.push(url),
      openWindow: (url) => {
        if (this.blocksWindows) return null
        const hearing = new Set<(message: unknown) => void>()
        const post = (message: unknown) => {
          for (const hear of hearing) hear(message)
        }
        const window = { url, closed: this.cutsWindowsOff, focused: 0, post }
        this.windows.push(window)
        return {
          isClosed: () => window.closed,
          focus: () => window.focused++,
          listen: (hear) => {
            hearing.add(hear)
            return () => hearing.delete(hear)
          },
        }
      },
      isFramed: () => this.framed,
      secret: async () => ({ verifier: 'verifier', challenge: 'challenge' }),
    }
    this.client = createClient(options, platform)
  }

  get session() {
    return this.client.session
  }

  get types(): string[] {
    return this.events.map(({ type }) => type)
  }

  listen(): () => void {
    return this.client.subscribe((event) => this.events.push(event))
  }

  /** A page that listens no more hears nothing. */
  focus(): void {
    for (const page of [...this.#pages]) page.onWake()
  }

  putAway(): void {
    for (const page of [...this.#pages]) page.onHide()
  }

  takeOut(): void {
    for (const page of [...this.#pages]) page.onRestore()
  }
}
