import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type ManualClock, manualClock } from '@bff/test-support/clock'
import { onTestFinished, vi } from 'vitest'
import { memoryStore } from '../../../store-memory/src/index.ts'
import { session } from '../../../store-testkit/src/fixtures.ts'
import { absent, fieldsWith } from '../../src/contracts/session-fields.ts'
import {
  type BffEventDetail,
  type Reply,
  type RequestView,
  type Session,
  type SessionTokens,
  systemClock,
} from '../../src/index.ts'
import { isSessionHandle } from '../../src/internal/session-handle.ts'
import type { ProxyRoute, Upstream, UpstreamRequest, UpstreamResponse } from '../../src/proxy/index.ts'
import { createProxy, type ProxyDependencies, type ReverseProxy } from '../../src/proxy/proxy.ts'

export const ORIGIN = 'https://app.example.com'
export const API = 'https://orders.internal'

type Pairs = ReadonlyArray<readonly [string, string]>

export interface ViewOptions {
  readonly method?: string
  readonly headers?: Pairs
  readonly body?: AsyncIterable<Uint8Array>
  readonly remoteAddress?: string | undefined
  readonly signal?: AbortSignal
  readonly onDisconnect?: NonNullable<RequestView['onDisconnect']>
}

export function view(target: string, options: ViewOptions = {}): RequestView {
  const { method = 'GET', headers = [], body, signal = new AbortController().signal } = options
  return {
    method,
    target,
    remoteAddress: 'remoteAddress' in options ? options.remoteAddress : '192.0.2.7',
    header: (name) => {
      const values = headers.filter(([one]) => one === name).map(([, value]) => value)
      return values.length === 0 ? undefined : values.join(', ')
    },
    headers: () => headers,
    body: () => body,
    signal,
    ...(options.onDisconnect && { onDisconnect: options.onDisconnect }),
  }
}

export const bytes = (text: string) => new TextEncoder().encode(text)

export async function* chunksOf(...parts: string[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield bytes(part)
}

export async function textOf(body: Reply['body'] | UpstreamRequest['body']): Promise<string> {
  if (body === null || typeof body === 'string') return body ?? ''
  if (body instanceof Uint8Array) return new TextDecoder().decode(body)
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of body) text += decoder.decode(chunk, { stream: true })
  return text
}

/** Something to wait for until it is opened. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

/** The values of a header, in order. */
export const valuesOf = (headers: Pairs, name: string) =>
  headers.filter(([one]) => one === name).map(([, value]) => value)

export interface FakeSession {
  readonly tokens?: SessionTokens | null | (() => Promise<SessionTokens | null>)
  readonly hasRefreshToken?: boolean
}

export function tokensOf(
  accessToken: string,
  dpopKeyPair: SessionTokens['dpopKeyPair'] = null,
): SessionTokens {
  return { accessToken, refreshToken: 'refresh', idToken: null, dpopKeyPair }
}

export function fakeSession({
  tokens = tokensOf('at-1'),
  hasRefreshToken = true,
}: FakeSession = {}): Session {
  const handle = 'abcdefghijklmnop'
  if (!isSessionHandle(handle)) throw new Error('The fake handle is not valid.')
  return {
    ...absent(fieldsWith({ seen: true, nullable: true })),
    handle,
    version: 1,
    userId: 'alice',
    metadata: {},
    createdAt: 0,
    updatedAt: 0,
    lastAccessedAt: 0,
    expiresAt: 0,
    absoluteExpiresAt: 0,
    hasAccessToken: true,
    hasRefreshToken,
    tokens: async () => (typeof tokens === 'function' ? tokens() : tokens),
    tokensFor: async ({ resource }, { rejected } = {}) => {
      const own = await (typeof tokens === 'function' ? tokens() : tokens)
      const accessToken = `${rejected == null ? '' : 'newer-'}${own?.accessToken}-for-${resource}`
      return own && { accessToken, dpopKeyPair: own.dpopKeyPair }
    },
    identity: async () => ({ claims: {}, scope: null, sessionState: null }),
  }
}

type Answer = (request: UpstreamRequest) => Partial<UpstreamResponse> | Promise<Partial<UpstreamResponse>>

/** A transport in this process, which keeps what it was asked to send. */
export class FakeUpstream implements Upstream {
  readonly sent: UpstreamRequest[] = []
  readonly #answer: Answer

  constructor(answer: Answer = () => ({})) {
    this.#answer = answer
  }

  async send(request: UpstreamRequest): Promise<UpstreamResponse> {
    this.sent.push(request)
    return { status: 200, headers: [], body: null, ...(await this.#answer(request)) }
  }

  /** The only request sent. */
  get only(): UpstreamRequest {
    const [first, second] = this.sent
    if (first === undefined || second !== undefined)
      throw new Error(`${this.sent.length} requests were sent.`)
    return first
  }

  async close() {}
}

/** A proxy with one route to {@link API}, everything around it in the test's hand. */
export function setUp(
  route: Partial<ProxyRoute> = {},
  answer?: Answer,
  deps: Partial<ProxyDependencies> = {},
  clock: ManualClock = manualClock(),
) {
  const upstream = new FakeUpstream(answer)
  const events: BffEventDetail[] = []
  const stores = memoryStore({ clock })
  const signedIn = stores.sessions.create(session(clock.now(), { handle: fakeSession().handle }))
  const proxy = createProxy({
    routes: [{ path: '/api', target: API, ...route }],
    upstream,
    clock,
    clientAddress: (request) => request.remoteAddress ?? null,
    emit: (event) => events.push(event),
    originOf: () => ORIGIN,
    cookieNames: ['__Host-Http-bff'],
    stores,
    tokens: {
      async replaceRefused() {
        throw new Error('No token should be replaced.')
      },
    },
    ...deps,
  })
  async function call(target: string, options: ViewOptions = {}, asking: Session | null = fakeSession()) {
    await signedIn
    return proxy.forward(routeOf(proxy, target.split('?', 1)[0] ?? ''), view(target, options), asking)
  }
  return { proxy, upstream, events, clock, call }
}

/** The clock of the system, on timers that the test moves. */
export function systemOnManualTimers(): ManualClock {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve))
  return {
    ...systemClock,
    get sleepers() {
      return vi.getTimerCount()
    },
    step: (ms) => void vi.setSystemTime(Date.now() + ms),
    jump: (ms) => void vi.advanceTimersByTime(ms),
    async advance(ms) {
      await settle()
      await vi.advanceTimersByTimeAsync(ms)
      await settle()
    },
    async run(work) {
      let settled = false
      const mark = () => {
        settled = true
      }
      work.then(mark, mark)
      while (!settled) {
        await settle()
        if (!settled) await vi.advanceTimersToNextTimerAsync()
      }
      return work
    },
    settle,
  }
}

/** The route of a raw path that must have one. */
export function routeOf(proxy: ReverseProxy, path: string) {
  const route = proxy.match(path)
  if (route === null) throw new Error(`No route for ${path}`)
  return route
}

/** A real HTTP server on a free loopback port, closed with the test. */
export async function startApi(
  handler: RequestListener,
): Promise<{ origin: string; requests: IncomingMessage[] }> {
  const requests: IncomingMessage[] = []
  const server = createServer((req, res) => {
    requests.push(req)
    handler(req, res)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  )
  const { port } = server.address() as AddressInfo
  return { origin: `http://127.0.0.1:${port}`, requests }
}
