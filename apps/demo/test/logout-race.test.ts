import { type Bff, createBff, generateEncryptionKey, type Reply, type RequestView } from '@bff/core'
import { apiProxy, type Upstream } from '@bff/core/proxy'
import { oidc } from '@bff/oidc'
import { memoryStore } from '@bff/store-memory'
import { expect, it } from 'vitest'
import { jumpClock } from './support/clock.ts'
import { seededRandom } from './support/random.ts'
import { ISSUER, scriptedProvider } from './support/scripted-provider.ts'

const ORIGIN = 'https://app.example.com'
const ROUNDS = 1_000
const MAX_TURNS = 8
const TOKEN_LIFE_MS = 60_000

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

function view(method: string, target: string, cookie: string): RequestView {
  const headers = new Map([
    ['cookie', cookie],
    ['x-csrf', '1'],
    ['origin', ORIGIN],
    ['sec-fetch-site', 'same-origin'],
  ])
  return {
    method,
    target,
    remoteAddress: '127.0.0.1',
    header: (name) => headers.get(name),
    headers: () => headers,
    body: () => undefined,
    signal: new AbortController().signal,
  }
}

async function answerOf(bff: Bff, method: string, target: string, cookie: string) {
  const reply = await bff.handle(view(method, target, cookie))
  if (reply === undefined) throw new Error(`${target} is not the BFF's.`)
  return { status: reply.status, headers: reply.headers, text: await textOf(reply.body) }
}

async function textOf(body: Reply['body']): Promise<string> {
  if (body === null || typeof body === 'string') return body ?? ''
  if (body instanceof Uint8Array) return new TextDecoder().decode(body)
  let text = ''
  for await (const chunk of body) text += new TextDecoder().decode(chunk)
  return text
}

it(`a logout amid slow API calls, touches and a refresh ends signed out, ${ROUNDS} times of ${ROUNDS} [SS-12]`, async () => {
  const clock = jumpClock()
  const random = seededRandom(2)
  const pause = async () => {
    for (let turns = random.below(MAX_TURNS); turns > 0; turns -= 1) await turn()
  }
  const provider = scriptedProvider(pause)
  const slowApi: Upstream = {
    send: async () => {
      await pause()
      const body = async function* () {
        yield new TextEncoder().encode('[')
        await pause()
        yield new TextEncoder().encode(']')
      }
      return { status: 200, headers: [['content-type', 'application/json']], body: body() }
    },
    close: async () => {},
  }
  const store = memoryStore()
  const bff = createBff({
    origin: ORIGIN,
    store,
    clock,
    encryptionKeys: [generateEncryptionKey()],
    // Every use is written, so that touches race too.
    session: { touchShare: 0 },
    // This provider has a grant for each session, so no token may be left.
    logout: { revokeTokens: 'always' },
    provider: oidc({
      issuer: ISSUER,
      clientId: 'app',
      clientSecret: 'a secret',
      fetch: provider.fetch,
    }),
    proxy: apiProxy({ routes: [{ path: '/api', target: 'https://api.example.com' }], upstream: slowApi }),
    onEvent: () => {},
  })

  const outcomes = { apiAnswered: 0, apiRefused: 0, refreshed: 0 }
  for (let round = 0; round < ROUNDS; round += 1) {
    const { session, cookie } = await bff.sessions.create({
      userId: 'alice',
      issuer: ISSUER,
      tokens: { accessToken: 'access-0', refreshToken: provider.grant(), expiresIn: TOKEN_LIFE_MS / 1000 },
    })
    const pair = cookie.split(';', 1)[0] ?? ''
    clock.jump(random.below(2) === 0 ? TOKEN_LIFE_MS - 5_000 : TOKEN_LIFE_MS + 1_000)

    const calls = random.shuffled([
      ['GET', '/api/orders'],
      ['GET', '/api/orders/export'],
      ['GET', '/api/orders/feed'],
      ['GET', '/bff/session'],
      ['GET', '/bff/user'],
      ['POST', '/bff/refresh'],
      ['POST', '/bff/logout'],
    ] as const)
    const answers = await Promise.all(
      calls.map(async ([method, target]) => {
        await pause()
        return { target, ...(await answerOf(bff, method, target, pair)) }
      }),
    )

    for (const { target, status } of answers) {
      if (target === '/bff/logout') expect(status).toBe(200)
      else expect([200, 401]).toContain(status)
      if (target.startsWith('/api')) outcomes[status === 200 ? 'apiAnswered' : 'apiRefused'] += 1
      if (target === '/bff/refresh' && status === 200) outcomes.refreshed += 1
    }
    const { text } = await answerOf(bff, 'GET', '/bff/session', pair)
    expect([round, text]).toEqual([round, '{"authenticated":false}'])
    expect((await answerOf(bff, 'GET', '/api/orders', pair)).status).toBe(401)
    const record = await store.sessions.get(session.handle)
    expect(record).toMatchObject({
      revocation: { reasonCode: 'logout' },
      accessTokenEncrypted: null,
      refreshTokenEncrypted: null,
    })
  }

  // All of it really raced: neither side always won.
  for (const count of Object.values(outcomes)) expect(count).toBeGreaterThan(ROUNDS / 20)
  expect(provider.refreshes).toBeGreaterThan(ROUNDS / 20)
  // Sends what the queue still holds.
  await bff.close()
  expect([...provider.live.keys()]).toEqual([])
})
