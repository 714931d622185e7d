import type { ManualClock } from '@bff/test-support/clock'
import type { Reply } from '../../src/index.ts'
import {
  apiProxy,
  type ProxyRoute,
  type Upstream,
  type UpstreamRequest,
  type UpstreamResponse,
} from '../../src/proxy/index.ts'
import { world } from '../world.ts'
import { API, chunksOf, FakeUpstream, textOf } from './support.ts'

/** A request to a BFF with one API, and what that API answers. */
export interface Asked {
  readonly method?: string
  readonly target?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly signedIn?: boolean
  readonly upgrade?: boolean
  /** How it reaches a real API, which then answers. */
  readonly upstream?: Upstream
  answer?(
    request: UpstreamRequest,
    clock: ManualClock,
  ): Partial<UpstreamResponse> | Promise<Partial<UpstreamResponse>>
}

/** What comes of it: what the API got, and what the page, `undefined` where the BFF has nothing at that path. */
export interface Relayed {
  readonly sent: readonly UpstreamRequest[]
  readonly reply: Reply | undefined
}

/** So long after it was issued, no token is renewed because an API refuses it. */
const YOUNG_MS = 30_000
const HANDSHAKE = {
  origin: 'https://app.example.com',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
}

/** Alice's request from the app's page, through a whole BFF, to the API of this route. */
export async function relayed(route: Partial<ProxyRoute>, asked: Asked = {}): Promise<Relayed> {
  const { method = 'GET', target = '/api/orders', headers, body, signedIn = true, upgrade = false } = asked
  const fake = new FakeUpstream(async (request) => (await asked.answer?.(request, clock)) ?? {})
  const upgraded = async () => ({ status: 101, headers: [], body: chunksOf('') })
  const upstream = asked.upstream ?? Object.assign(fake, { upgrade: upgraded })
  const { bff, browser, clock } = world({
    proxy: apiProxy({ routes: [{ path: '/api', target: API, ...route }], upstream }),
  })
  const alice = browser()
  if (signedIn) await alice.signIn()
  await clock.advance(YOUNG_MS)
  const request = alice.view(method, target, { ...(upgrade && HANDSHAKE), ...headers })
  const chunks = body === undefined ? undefined : chunksOf(body)
  const reply = await bff.handle({ ...request, upgrade, body: () => chunks })
  return { sent: fake.sent, reply }
}

/** The whole body, or the code with which it breaks off. */
export const bodyOrCode = ({ reply }: Relayed): Promise<string> =>
  textOf(reply?.body ?? null).catch(({ code }) => String(code))

/** Lets that much time pass, and breaks off, as a transport does, where the exchange is over by then. */
export async function pause({ signal }: UpstreamRequest, clock: ManualClock, ms: number): Promise<void> {
  await clock.advance(ms)
  signal.throwIfAborted()
}
