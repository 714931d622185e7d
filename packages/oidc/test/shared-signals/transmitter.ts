import { randomBytes } from 'node:crypto'
import {
  type BffConfig,
  type BffEvent,
  createBff,
  type PluginFactory,
  type Reply,
  type RequestView,
  type Session,
} from '@bff/core'
import { memoryStore } from '@bff/store-memory'
import { manualClock } from '@bff/test-support/clock'
import { type CryptoKey, exportJWK, generateKeyPair, type JWTHeaderParameters, SignJWT } from 'jose'
import { type SharedSignalsOptions, sharedSignals } from '../../src/shared-signals/index.ts'

export const TRANSMITTER = 'https://signals.example.com/tenant'
export const IDP = 'https://idp.example.com'
export const AUDIENCE = 'https://app.example.com/receiver'
export const PUSH_TOKEN = 'a-secret-of-the-stream-with-forty-chars!'.replace('!', '_')
export const ACCESS_TOKEN = 'access-to-the-streams'
export const CAEP = 'https://schemas.openid.net/secevent/caep/event-type/'
export const RISC = 'https://schemas.openid.net/secevent/risc/event-type/'
export const SSF = 'https://schemas.openid.net/secevent/ssf/event-type/'
export const alice = { format: 'iss_sub', iss: IDP, sub: 'alice' }

type Json = Record<string, unknown>
type Stream = Json & { stream_id: string }
export type Delivery = 'push' | 'poll'

/** What the transmitter was asked, and with what. */
export interface Asked {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly authorization: string | null
  readonly body: Json
}

/** A transmitter in this process. It signs whatever a test wants, and misbehaves on demand. */
export async function transmitter(alg = 'ES256') {
  const clock = restingClock()
  const { privateKey, publicKey } = await generateKeyPair(alg)
  const jwk = { ...(await exportJWK(publicKey)), kid: 'tx-1', alg, use: 'sig' }
  const streams = new Map<string, Stream>()
  const asked: Asked[] = []
  /** Offered at the next poll, until they are acknowledged or refused. */
  const queue = new Map<string, string>()
  const acknowledged: string[] = []
  const refused: Record<string, unknown> = {}
  /** Answers in place of the transmitter, by `METHOD /path`; an answer is used once. */
  const instead = new Map<string, Array<() => Response>>()
  const base = new URL(TRANSMITTER).origin
  const metadata: Json = {
    issuer: TRANSMITTER,
    jwks_uri: `${base}/jwks`,
    configuration_endpoint: `${base}/streams`,
    status_endpoint: `${base}/status`,
    verification_endpoint: `${base}/verify`,
  }
  const seconds = () => Math.floor(clock.now() / 1000)
  const json = (status: number, body: unknown) => Response.json(body, { status })
  let made = 0
  /** The `iss` of the streams it makes. */
  const lies: { iss?: string; aud?: string } = {}

  const claimsOf = (claims: Json = {}): Json => ({
    iss: TRANSMITTER,
    aud: AUDIENCE,
    iat: seconds(),
    jti: crypto.randomUUID(),
    sub_id: alice,
    events: { [`${CAEP}session-revoked`]: { event_timestamp: seconds() } },
    ...claims,
  })
  const sign = (claims: Json, header: Partial<JWTHeaderParameters> = {}, key: CryptoKey = privateKey) =>
    new SignJWT(JSON.parse(JSON.stringify(claims)))
      .setProtectedHeader({ alg, kid: 'tx-1', typ: 'secevent+jwt', ...header })
      .sign(key)
  const set = (claims: Json = {}, header?: Partial<JWTHeaderParameters>, key?: CryptoKey) =>
    sign(claimsOf(claims), header, key)
  const event = (uri: string, payload: Json = {}, claims: Json = {}) =>
    set({ events: { [uri]: payload }, ...claims })
  /** Puts a token into the next poll. */
  const offer = (jwt: string) => {
    const payload = JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString())
    queue.set(payload.jti, jwt)
    return payload.jti as string
  }
  const verifications: Array<{ streamId: string; state: unknown }> = []

  async function answer({ method, path, query, body }: Asked): Promise<Response> {
    const script = instead.get(`${method} ${path}`)?.shift()
    if (script !== undefined) return script()
    const named = streams.get(String(query.get('stream_id') ?? body['stream_id']))
    switch (`${method} ${path}`) {
      case 'GET /.well-known/ssf-configuration/tenant':
        return json(200, metadata)
      case 'GET /jwks':
        return json(200, { keys: [jwk] })
      case 'GET /streams':
        return json(200, [...streams.values()])
      case 'POST /streams': {
        const stream_id = `stream-${++made}`
        const poll = (body['delivery'] as Json)['method'] === 'urn:ietf:rfc:8936'
        const delivery = poll
          ? { method: 'urn:ietf:rfc:8936', endpoint_url: `${base}/poll` }
          : (body['delivery'] as Json)
        const stream = { ...body, stream_id, iss: TRANSMITTER, aud: AUDIENCE, ...lies, delivery }
        streams.set(stream_id, stream)
        return json(201, stream)
      }
      case 'PATCH /streams':
        if (named === undefined) return json(404, {})
        Object.assign(named, body)
        return json(200, named)
      case 'DELETE /streams':
        streams.delete(String(query.get('stream_id')))
        return new Response(null, { status: 204 })
      case 'GET /status':
        return json(200, { stream_id: named?.stream_id, status: named?.['status'] ?? 'enabled' })
      case 'POST /status':
        if (named !== undefined) named['status'] = body['status']
        return json(200, body)
      case 'POST /verify':
        verifications.push({ streamId: String(body['stream_id']), state: body['state'] })
        return new Response(null, { status: 204 })
      case 'POST /poll': {
        for (const jti of (body['ack'] ?? []) as string[]) {
          acknowledged.push(jti)
          queue.delete(jti)
        }
        for (const [jti, fault] of Object.entries((body['setErrs'] ?? {}) as Json)) {
          refused[jti] = fault
          queue.delete(jti)
        }
        const sets = Object.fromEntries([...queue].slice(0, Number(body['maxEvents'])))
        return json(200, { sets, moreAvailable: queue.size > Object.keys(sets).length })
      }
      default:
        return json(404, {})
    }
  }

  return {
    clock,
    metadata,
    streams,
    asked,
    lies,
    acknowledged,
    refused,
    verifications,
    instead,
    seconds,
    sign,
    set,
    event,
    offer,
    /** The token that answers a verification request. */
    verification: ({ streamId, state }: { streamId: string; state?: unknown }) =>
      set({
        sub_id: { format: 'opaque', id: streamId },
        events: { [`${SSF}verification`]: state === undefined ? {} : { state } },
      }),
    requestsTo: (name: string) => asked.filter(({ method, path }) => `${method} ${path}` === name),
    fetch: async (url: string, init: RequestInit) => {
      const { pathname, searchParams } = new URL(url)
      const request: Asked = {
        method: init.method ?? 'GET',
        path: pathname,
        query: searchParams,
        authorization: new Headers(init.headers).get('authorization'),
        body: typeof init.body === 'string' ? JSON.parse(init.body) : {},
      }
      asked.push(request)
      return answer(request)
    },
  }
}

export type Transmitter = Awaited<ReturnType<typeof transmitter>>

export function post(target: string, body: string, headers: Readonly<Record<string, string>>): RequestView {
  return {
    method: 'POST',
    target,
    remoteAddress: '192.0.2.1',
    header: (name) => headers[name],
    headers: () => Object.entries(headers),
    async *body() {
      yield new TextEncoder().encode(body)
    },
    signal: new AbortController().signal,
  }
}

const PATIENCE_MS = 30_000

/** Lets everything happen that needs neither time of the clock nor a thread. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** Waits until `seen` holds, without time of the clock. Signatures are checked in threads, which a busy machine gives late. */
export async function until(seen: () => boolean): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  while (!seen()) {
    if (performance.now() > deadline) throw new Error('It did not happen.')
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

/** As {@link until}, and for what takes time: the loop of a receiver sleeps between its rounds, and only then time moves. */
export async function inTime(clock: Transmitter['clock'], seen: () => boolean): Promise<void> {
  await until(() => {
    if (!seen() && clock.isResting()) clock.jump(2_000)
    return seen()
  })
}

/** A clock that knows whether the loop of a receiver sleeps. */
function restingClock() {
  const clock = manualClock(Date.UTC(2031, 4, 1))
  const resting = new Set<Promise<void>>()
  return {
    ...clock,
    get sleepers() {
      return clock.sleepers
    },
    sleep(ms: number, signal?: AbortSignal, idle = false): Promise<void> {
      const sleep = clock.sleep(ms, signal, idle)
      if (idle) resting.add(sleep)
      const wakes = () => void resting.delete(sleep)
      sleep.then(wakes, wakes)
      return sleep
    },
    isResting: () => resting.size > 0,
  }
}

/** A BFF that receives the signals of a transmitter. */
export function receiver(
  from: Transmitter,
  options: Partial<SharedSignalsOptions> = {},
  config: Partial<BffConfig> = {},
) {
  const { clock } = from
  const store = config.store ?? memoryStore()
  const events: BffEvent[] = []
  const signals = sharedSignals({
    issuer: TRANSMITTER,
    audience: AUDIENCE,
    subjectIssuers: [IDP],
    ...(options.delivery !== 'poll' && { pushToken: PUSH_TOKEN }),
    fetch: from.fetch,
    ...options,
  })
  const plugins: readonly PluginFactory[] = [signals]
  const bff = createBff({
    origin: 'https://app.example.com',
    store,
    encryptionKeys: [randomBytes(32).toString('base64')],
    clock,
    onEvent: (event) => events.push(event),
    ...config,
    plugins,
  })
  const send = async (view: RequestView): Promise<Reply> => {
    const reply = await bff.handle(view)
    if (reply === undefined) throw new Error('Not a path of the BFF.')
    return reply
  }
  const push = (jwt: string, headers: Readonly<Record<string, string>> = {}) =>
    send(
      post('/bff/shared-signals', jwt, {
        'content-type': 'application/secevent+jwt',
        authorization: `Bearer ${PUSH_TOKEN}`,
        ...headers,
      }),
    )
  const session = async (userId = 'alice', sid: string | null = null): Promise<Session> =>
    (await bff.sessions.create({ userId, issuer: IDP, providerSessionId: sid })).session
  return {
    bff,
    store,
    events,
    signals,
    push,
    session,
    typesOf: (type: BffEvent['type']) => events.filter((event) => event.type === type),
    isActive: async ({ handle }: Session) => (await store.sessions.get(handle))?.revocation === null,
    /** Pushes, or offers for the next poll and waits for it; the code of a refusal, or `accepted`. */
    async deliver(jwt: string): Promise<string> {
      if (options.delivery !== 'poll') {
        const reply = await push(jwt)
        if (reply.status === 202) return 'accepted'
        return `${reply.status} ${JSON.parse(String(reply.body)).err ?? ''}`.trim()
      }
      const jti = from.offer(jwt)
      const before = from.acknowledged.length
      const isDone = () => from.acknowledged.length > before || Object.hasOwn(from.refused, jti)
      await inTime(clock, isDone)
      const fault = from.refused[jti] as { err: string } | undefined
      return fault === undefined ? 'accepted' : `400 ${fault.err}`
    },
  }
}
