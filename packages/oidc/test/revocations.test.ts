import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type Bff, type BffEvent, createBff, systemClock } from '@bff/core'
import { memoryStore } from '@bff/store-memory'
import { expect, onTestFinished, test } from 'vitest'
import { oidc } from '../src/index.ts'
import { CLIENT } from './support/scripted-provider.ts'

const ORIGIN = 'https://app.example.com'

/** A provider on loopback that counts its connections, and its requests, at once. */
async function countingProvider() {
  const sockets = { open: 0, most: 0 }
  const calls = { open: 0, most: 0 }
  const revoked: string[] = []
  const state = { answers: true }
  const arrived = new Set<() => void>()
  const server = createServer(async (request, response) => {
    if (request.url === '/revoke') calls.most = Math.max(calls.most, ++calls.open)
    const body: Buffer[] = []
    for await (const chunk of request) body.push(chunk)
    if (!state.answers) return
    if (request.url === '/revoke') {
      calls.open--
      revoked.push(new URLSearchParams(Buffer.concat(body).toString()).get('token') ?? '')
      response.end()
      for (const check of [...arrived]) check()
      return
    }
    response.setHeader('content-type', 'application/json')
    response.end(
      JSON.stringify({
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/jwks`,
        revocation_endpoint: `${issuer}/revoke`,
        end_session_endpoint: `${issuer}/logout`,
      }),
    )
  })
  server.on('connection', (socket) => {
    sockets.open++
    sockets.most = Math.max(sockets.most, sockets.open)
    socket.once('close', () => {
      sockets.open--
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  const issuer = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    issuer,
    sockets,
    calls,
    revoked,
    blackHole: () => {
      state.answers = false
    },
    /** Resolves once so many tokens were revoked. */
    received: (count: number) =>
      new Promise<void>((resolve) => {
        const check = () => {
          if (revoked.length < count) return
          arrived.delete(check)
          resolve()
        }
        arrived.add(check)
        check()
      }),
  }
}

function bffAt(issuer: string) {
  const events: BffEvent[] = []
  const bff = createBff({
    origin: ORIGIN,
    store: memoryStore({ maxSessions: 10_000 }),
    encryptionKeys: [randomBytes(32).toString('base64')],
    provider: oidc({ issuer, ...CLIENT }),
    onEvent: (event) => events.push(event),
  })
  onTestFinished(() => bff.close())
  return { bff, events }
}

async function signIn(bff: Bff, issuer: string, userId: string, number: number): Promise<string> {
  const tokens = { accessToken: `at-${number}`, refreshToken: `rt-${number}`, expiresIn: 3_600 }
  const { cookie } = await bff.sessions.create({ userId, issuer, organizationId: 'org-1', tokens })
  return cookie.split(';')[0] ?? ''
}

const logOut = (bff: Bff, cookie: string) =>
  bff.fetch(
    new Request(`${ORIGIN}/bff/logout`, {
      method: 'POST',
      headers: { cookie, 'x-csrf': '1', 'sec-fetch-site': 'same-origin' },
    }),
  )

test('ending 2,000 sessions at once makes four calls to the provider at once, over a handful of connections [LGO-17]', async () => {
  const { issuer, sockets, calls, revoked, received } = await countingProvider()
  const { bff } = bffAt(issuer)
  for (let number = 0; number < 2_000; number++) await signIn(bff, issuer, `user-${number % 500}`, number)
  expect(await bff.sessions.revokeAll({ organizationId: 'org-1' })).toHaveLength(2_000)
  await received(2_000)
  expect(new Set(revoked).size).toBe(2_000)
  expect(calls.most).toBeLessThanOrEqual(4)
  // Node's fetch opens another one when it asks again before the last answer's connection is free.
  expect(sockets.most).toBeLessThanOrEqual(8)
})

test('300 sign-outs at once open no more [LGO-17]', async () => {
  const { issuer, sockets, calls, received } = await countingProvider()
  const { bff } = bffAt(issuer)
  const cookies: string[] = []
  for (let number = 0; number < 300; number++)
    cookies.push(await signIn(bff, issuer, `user-${number}`, number))
  const replies = await Promise.all(cookies.map((cookie) => logOut(bff, cookie)))
  expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]))
  await received(300)
  expect(calls.most).toBeLessThanOrEqual(4)
  expect(sockets.most).toBeLessThanOrEqual(8)
})

test('with the provider a black hole, signing out answers at once and still names its sign-out page [LGO-17]', async () => {
  const { issuer, blackHole } = await countingProvider()
  const { bff, events } = bffAt(issuer)
  const [first, second] = [await signIn(bff, issuer, 'alice', 1), await signIn(bff, issuer, 'bob', 2)]
  await logOut(bff, first)
  blackHole()
  const before = systemClock.now()
  const reply = await logOut(bff, second)
  expect(systemClock.now() - before).toBeLessThan(3_000)
  expect(reply.status).toBe(200)
  expect((await reply.json()).logout_url).toContain(`${issuer}/logout`)
  await bff.close()
  expect(events).toContainEqual(
    expect.objectContaining({ type: 'revocation.dropped', reason: 'closed', userId: 'bob' }),
  )
})

test('a process that never reached the provider signs out without its sign-out page [LGO-17]', async () => {
  const { issuer, blackHole } = await countingProvider()
  blackHole()
  const { bff } = bffAt(issuer)
  const cookie = await signIn(bff, issuer, 'alice', 1)
  const before = systemClock.now()
  const reply = await logOut(bff, cookie)
  expect(systemClock.now() - before).toBeLessThan(3_000)
  expect([reply.status, await reply.json()]).toEqual([200, { message: 'Logged out successfully' }])
  expect(await bff.sessions.countActive({ userId: 'alice' })).toBe(0)
})
