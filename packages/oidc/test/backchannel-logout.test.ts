import { randomBytes } from 'node:crypto'
import { type BffEvent, createBff, type RequestView, type Session } from '@bff/core'
import { backchannelLogout } from '@bff/core/endpoints'
import { memoryStore } from '@bff/store-memory'
import { generateKeyPair } from 'jose'
import { expect, it } from 'vitest'
import { oidc } from '../src/index.ts'
import { scripted } from './support/provider-of-the-test.ts'
import { CLIENT } from './support/scripted-provider.ts'

const EVENT = 'http://schemas.openid.net/event/backchannel-logout'
/** How many mutated tokens to send; 10,000 before a release. */
const RUNS = Number(process.env['BFF_LOGOUT_FUZZ'] ?? 1_000)
const SEED = Number(process.env['BFF_LOGOUT_SEED'] ?? Date.now() % 1e9)

type Body = Uint8Array | string

function post(body: Body): RequestView {
  const headers: Record<string, string> = { 'content-type': 'application/x-www-form-urlencoded' }
  return {
    method: 'POST',
    target: '/bff/backchannel-logout',
    remoteAddress: '192.0.2.1',
    header: (name) => headers[name],
    headers: () => Object.entries(headers),
    async *body() {
      yield typeof body === 'string' ? new TextEncoder().encode(body) : body
    },
    signal: new AbortController().signal,
  }
}

function start() {
  const store = memoryStore()
  const events: BffEvent[] = []
  const bff = createBff({
    origin: 'https://app.example.com',
    store,
    encryptionKeys: [randomBytes(32).toString('base64')],
    provider: oidc({ issuer: scripted.issuer, ...CLIENT }),
    clock: scripted.clock,
    plugins: [backchannelLogout()],
    onEvent: (event) => events.push(event),
  })
  const send = async (body: Body) => {
    const reply = await bff.handle(post(body))
    if (reply === undefined) throw new Error('Not a path of the BFF.')
    return reply
  }
  const signIn = async (userId: string, providerSessionId: string): Promise<Session> =>
    (await bff.sessions.create({ userId, issuer: scripted.issuer, providerSessionId })).session
  return { bff, store, events, send, signIn }
}

const seconds = () => Math.floor(scripted.clock.now() / 1000)
const claimsOf = (changes: Record<string, unknown> = {}) => ({
  iss: scripted.issuer,
  aud: CLIENT.clientId,
  iat: seconds(),
  exp: seconds() + 120,
  jti: crypto.randomUUID(),
  sub: 'alice',
  sid: 'sid-alice',
  events: { [EVENT]: {} },
  ...changes,
})
const typ = 'logout+jwt'
const formOf = (token: string) => new URLSearchParams({ logout_token: token }).toString()

it('to LGO-10 a token the provider signed ends its session, and no other token does [LGO-02]', async () => {
  const { send, signIn, store } = start()
  const alice = await signIn('alice', 'sid-alice')
  const bob = await signIn('bob', 'sid-bob')
  const { privateKey } = await generateKeyPair('ES256')
  for (const wrong of [
    await scripted.idToken({ nonce: 'n', sid: 'sid-alice' }),
    await scripted.sign(claimsOf(), { typ: 'at+jwt' }),
    await scripted.sign(claimsOf({ nonce: 'n' }), { typ }),
    await scripted.sign(claimsOf({ aud: 'another-app' }), { typ }),
    await scripted.sign(claimsOf({ events: 7 }), { typ }),
    await scripted.sign(claimsOf({ events: [] }), { typ }),
    await scripted.sign(claimsOf(), { typ }, privateKey),
  ])
    expect((await send(formOf(wrong))).status).toBe(400)
  expect((await store.sessions.get(alice.handle))?.revocation).toBeNull()

  const right = await scripted.sign(claimsOf(), { typ })
  expect((await send(formOf(right))).status).toBe(200)
  expect((await store.sessions.get(alice.handle))?.revocation?.reasonCode).toBe('backchannel_logout')
  expect((await send(formOf(right))).status).toBe(400)
  expect((await store.sessions.get(bob.handle))?.revocation).toBeNull()
})

it('while the provider’s keys cannot be fetched, a token answers 400 and can be sent again [LGO-13]', async () => {
  const { send, signIn, store } = start()
  const alice = await signIn('alice', 'sid-alice')
  const token = formOf(await scripted.sign(claimsOf(), { typ }))
  const keys = scripted.requestsTo('/jwks')
  expect(keys).toHaveLength(0)
  scripted.on('/.well-known/openid-configuration', (response) => void response.writeHead(503).end())
  expect((await send(token)).status).toBe(400)
  scripted.on('/.well-known/openid-configuration', (response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(scripted.metadata))
  })
  scripted.clock.jump(60_000)
  expect((await send(token)).status).toBe(200)
  expect((await store.sessions.get(alice.handle))?.revocation).not.toBeNull()
})

it(`to LGO-13 ${RUNS} mutated tokens: never a 5xx, never a session that the token does not name (BFF_LOGOUT_SEED=${SEED}) [LGO-01]`, {
  timeout: 180_000 + RUNS * 20,
}, async () => {
  const { send, signIn, store, bff, events } = start()
  const pick = chooser(SEED)
  const strangerKey = (await generateKeyPair('ES256')).privateKey
  const witnesses = [
    await signIn('bob', 'sid-bob'),
    await signIn('carol', 'sid-carol'),
    (await bff.sessions.create({ userId: 'alice', issuer: 'https://other.example.com' })).session,
    (await bff.sessions.create({ userId: 'alice' })).session,
  ]
  let alice = await signIn('alice', 'sid-alice')
  const counts = { ended: 0, refused: 0 }

  for (let run = 0; run < RUNS; run++) {
    const claims = claimsOf()
    const strangeClaims = pick.mutate(claims)
    const header = pick.header()
    const isStranger = pick.chance(0.1)
    const token = await scripted
      .sign(strangeClaims, header, isStranger ? strangerKey : undefined)
      .catch(() => 'a.b.c')
    const body = pick.body(token)
    const reply = await send(body)
    const answered = `run ${run} of seed ${SEED} answered ${reply.status} ${String(reply.body)}`
    expect([200, 400], answered).toContain(reply.status)

    const isEnded = (await store.sessions.get(alice.handle))?.revocation !== null
    if (isEnded) {
      expect(reply.status, answered).toBe(200)
      // Whatever was changed, this token is one that the provider signed about this session or its user.
      expect(isStranger, answered).toBe(false)
      expect([header.typ, strangeClaims['iss']], answered).toEqual([typ, scripted.issuer])
      expect([strangeClaims['sub'], strangeClaims['sid']], answered).toEqual([
        strangeClaims['sub'] === undefined ? undefined : 'alice',
        strangeClaims['sid'] === undefined ? undefined : 'sid-alice',
      ])
      expect(Object.hasOwn(strangeClaims, 'nonce'), answered).toBe(false)
      counts.ended++
      alice = await signIn('alice', 'sid-alice')
    } else counts.refused++
    for (const { handle } of witnesses)
      expect((await store.sessions.get(handle))?.revocation, answered).toBeNull()
  }
  expect(events.filter(({ type }) => type === 'request.failed')).toEqual([])
  // A run that mutates everything to nonsense, or nothing at all, would prove little.
  expect(counts.ended).toBeGreaterThan(RUNS / 50)
  expect(counts.refused).toBeGreaterThan(RUNS / 2)
})

/** Mutations chosen by a seed, so that a failure can be repeated. */
function chooser(seed: number) {
  let state = seed >>> 0
  // mulberry32
  const random = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const chance = (share: number) => random() < share
  const one = <T>(list: readonly T[]): T => {
    const chosen = list[Math.floor(random() * list.length)]
    if (chosen === undefined && list.length === 0) throw new Error('Nothing to choose from.')
    return chosen as T
  }
  const strange = (): unknown =>
    one<unknown>([
      null,
      true,
      0,
      -1,
      1.5,
      1e308,
      '',
      'alice',
      'bob ',
      'Alice',
      'sid-alice\u0000',
      '__proto__',
      '*',
      "' or 1=1 --",
      '🦊',
      'x'.repeat(5_000),
      [],
      ['alice'],
      {},
      { toString: 'alice' },
      { [EVENT]: {} },
      { [EVENT]: null },
      { [EVENT]: 'yes' },
      { [EVENT]: [] },
    ])

  return {
    chance,
    mutate(claims: Record<string, unknown>): Record<string, unknown> {
      const changed = { ...claims }
      for (let times = Math.floor(random() * 3); times > 0; times--) {
        const name = one([...Object.keys(claims), 'nonce', 'azp', 'nbf', 'typ', 'constructor'])
        if (chance(0.4)) delete changed[name]
        else changed[name] = strange()
      }
      return changed
    },
    header(): { typ: string; alg?: string; kid?: string; crit?: string[] } {
      if (chance(0.7)) return { typ }
      return one([
        { typ: 'JWT' },
        { typ: 'Logout+JWT ' },
        { typ: '' },
        { typ, kid: 'unknown' },
        { typ, kid: '../../etc/passwd' },
        { typ, alg: 'HS256' },
        { typ, crit: ['exp'] },
      ])
    },
    body(token: string): Body {
      if (chance(0.75)) return formOf(token)
      const at = Math.floor(random() * token.length)
      const bytes = new TextEncoder().encode(formOf(token))
      const flipped = Uint8Array.from(bytes, (byte, index) =>
        index === 13 + (at % Math.max(1, bytes.length - 13)) ? byte ^ (1 << Math.floor(random() * 8)) : byte,
      )
      return one<Body>([
        flipped,
        formOf(token.slice(0, at)),
        formOf(`${token.slice(0, at)}.${token.slice(at)}`),
        formOf(token.split('.').reverse().join('.')),
        formOf(`${token.split('.').slice(0, 2).join('.')}.`),
        formOf(token + token),
        `${formOf(token)}&${formOf(token)}`,
        `LOGOUT_TOKEN=${token}`,
        `logout_token[]=${token}`,
        `logout_token=${token}&logout_token=`,
        `{"logout_token":"${token}"}`,
        Uint8Array.from(bytes, () => Math.floor(random() * 256)),
        '',
      ])
    },
  }
}
