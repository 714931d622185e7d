import { randomBytes } from 'node:crypto'
import { BffError, type BffEvent, createBff, type RequestView, type Session } from '@bff/core'
import { memoryStore } from '@bff/store-memory'
import { generateKeyPair } from 'jose'
import { expect, test } from 'vitest'
import { type GlobalTokenRevocationOptions, globalTokenRevocation } from '../../src/shared-signals/index.ts'
import { scripted } from '../support/provider-of-the-test.ts'
import { post } from './transmitter.ts'

const PATH = '/bff/global-token-revocation'
const AUDIENCE = `https://app.example.com${PATH}`
const typ = 'global-token-revocation+jwt'

function start(options: Partial<GlobalTokenRevocationOptions> = {}) {
  const { clock, issuer } = scripted
  const store = memoryStore()
  const events: BffEvent[] = []
  const bff = createBff({
    origin: 'https://app.example.com',
    store,
    encryptionKeys: [randomBytes(32).toString('base64')],
    clock,
    plugins: [globalTokenRevocation({ issuer, ...options })],
    onEvent: (event) => events.push(event),
  })
  const reply = async (view: RequestView) => {
    const answer = await bff.handle(view)
    if (answer === undefined) throw new Error('Not a path of the BFF.')
    return answer
  }
  return {
    bff,
    store,
    events,
    session: async (userId: string): Promise<Session> =>
      (await bff.sessions.create({ userId, issuer })).session,
    isActive: async ({ handle }: Session) => (await store.sessions.get(handle))?.revocation === null,
    reply,
    send: async (body: unknown, jwt: string, headers: Record<string, string> = {}) =>
      reply(
        post(PATH, typeof body === 'string' ? body : JSON.stringify(body), {
          'content-type': 'application/json',
          authorization: `Bearer ${jwt}`,
          ...headers,
        }),
      ),
  }
}

const seconds = () => Math.floor(scripted.clock.now() / 1000)
const claimsOf = (changes: Record<string, unknown> = {}) => ({
  iss: scripted.issuer,
  sub: scripted.issuer,
  aud: AUDIENCE,
  iat: seconds(),
  exp: seconds() + 300,
  jti: crypto.randomUUID(),
  ...changes,
})
const token = (changes: Record<string, unknown> = {}) => scripted.sign(claimsOf(changes), { typ })
const alice = () => ({ sub_id: { format: 'iss_sub', iss: scripted.issuer, sub: 'alice' } })

test('It ends every session of the user, and answers 204 with nothing, also without a session', async () => {
  const { send, session, isActive, events } = start()
  const sessions = [await session('alice'), await session('alice'), await session('bob')]
  const reply = await send(alice(), await token())
  expect([reply.status, reply.body]).toEqual([204, null])
  expect(await Promise.all(sessions.map(isActive))).toEqual([false, false, true])
  expect(events).toContainEqual(
    expect.objectContaining({ type: 'session.revoked', reasonCode: 'global_token_revocation' }),
  )
  expect(events.at(-1)).toMatchObject({ signal: 'global-token-revocation', sessions: 2 })
  expect((await send(alice(), await token())).status).toBe(204)
})

test('It takes the subject under its earlier name, and one that only the app knows', async () => {
  const { send, session, isActive } = start({
    findSessions: ({ format, email }) =>
      format === 'email' && email === 'alice@example.com' ? [{ userId: 'alice' }] : undefined,
  })
  for (const subject of [alice().sub_id, { format: 'email', email: 'alice@example.com' }])
    for (const name of ['sub_id', 'subject']) {
      const one = await session('alice')
      expect((await send({ [name]: subject }, await token())).status).toBe(204)
      expect(await isActive(one)).toBe(false)
    }
})

test('It answers 404 for a subject that nobody knows here', async () => {
  const { send } = start()
  for (const sub_id of [
    { format: 'email', email: 'alice@example.com' },
    { format: 'iss_sub', iss: 'https://other.example.com', sub: 'alice' },
    { format: 'opaque', id: 'alice' },
  ])
    expect((await send({ sub_id }, await token())).status).toBe(404)
})

test('It answers 400 for a body that names no subject', async () => {
  const { send } = start()
  for (const body of [
    '',
    '{',
    '[]',
    {},
    { sub_id: 'alice' },
    { sub_id: { sub: 'alice' } },
    'x'.repeat(20_000),
  ])
    expect((await send(body, await token())).status).toBe(400)
  expect((await send(alice(), await token(), { 'content-type': 'text/plain' })).status).toBe(400)
})

test('It answers 401 without a valid token of the caller, and ends nothing', async () => {
  const { send, reply, session, isActive, events } = start()
  const one = await session('alice')
  const { privateKey } = await generateKeyPair('ES256')
  const wrong = [
    await scripted.sign(claimsOf(), { typ: 'JWT' }),
    await scripted.sign(claimsOf(), { typ: 'at+jwt' }),
    await scripted.sign(claimsOf(), { typ }, privateKey),
    await token({ iss: 'https://other.example.com' }),
    await token({ aud: 'https://app.example.com' }),
    await token({ exp: seconds() - 31 }),
    await token({ exp: undefined }),
    await token({ iat: undefined }),
    await token({ iat: seconds() + 60 }),
    await token({ iat: seconds() - 3_700, exp: seconds() + 60 }),
    await token({ jti: '' }),
    'not-a-token',
  ]
  for (const jwt of wrong) {
    const answer = await send(alice(), jwt)
    expect(answer.status, jwt).toBe(401)
    expect(answer.headers).toContainEqual(['www-authenticate', 'Bearer error="invalid_token"'])
  }
  const body = JSON.stringify(alice())
  expect((await reply(post(PATH, body, { 'content-type': 'application/json' }))).status).toBe(401)
  expect(await isActive(one)).toBe(true)
  expect(events.filter(({ type }) => type === 'signal.refused')).toHaveLength(wrong.length + 1)
})

test('A token is accepted once, and a late one leaves later sessions', async () => {
  const { send, session, isActive } = start()
  const jwt = await token()
  const later = await token()
  expect((await send(alice(), jwt)).status).toBe(204)
  await scripted.clock.advance(31_000)
  const one = await session('alice')
  expect((await send(alice(), jwt)).status).toBe(401)
  expect((await send(alice(), later)).status).toBe(204)
  expect(await isActive(one)).toBe(true)
})

test('While the store or the caller’s keys do not answer it is 503, and the same token works later', async () => {
  const { send, session, isActive, store } = start()
  const one = await session('alice')
  const jwt = await token()
  const { list } = store.sessions
  store.sessions.list = async () => {
    throw new BffError('store_unavailable')
  }
  expect((await send(alice(), jwt)).status).toBe(503)
  store.sessions.list = list
  expect((await send(alice(), jwt)).status).toBe(204)
  expect(await isActive(one)).toBe(false)
})
