import { generateKeyPair, SignJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import { ACCESS_TOKEN, CAEP, PUSH_TOKEN, post, receiver, transmitter } from './transmitter.ts'

/** How many mutated tokens to send; 10,000 before a release. */
const RUNS = Number(process.env['BFF_SIGNAL_FUZZ'] ?? 300)

describe('A token is refused, and ends nothing,', () => {
  const seconds = (ms: number) => Math.floor(ms / 1000)
  test.each<readonly [string, Record<string, unknown>, Record<string, unknown>]>([
    ['that is an ID token', {}, { typ: 'JWT' }],
    ['that is a logout token', {}, { typ: 'logout+jwt' }],
    ['that says no type', {}, { typ: undefined }],
    ['with an end, as an access token has', { exp: 4_000_000_000 }, {}],
    ['with a sub, as an ID token has', { sub: 'alice' }, {}],
    ['with a nonce', { nonce: 'n' }, {}],
    ['without a jti', { jti: undefined }, {}],
    ['with an empty jti', { jti: '' }, {}],
    ['without a time', { iat: undefined }, {}],
    ['from the future', { iat: seconds(Date.UTC(2031, 4, 1)) + 31 }, {}],
    ['from more than a week ago', { iat: seconds(Date.UTC(2031, 4, 1)) - 7 * 86_400 - 1 }, {}],
    ['without events', { events: undefined }, {}],
    ['with no event', { events: {} }, {}],
    ['whose events are a list', { events: [] }, {}],
    ['whose event is no object', { events: { [`${CAEP}session-revoked`]: true } }, {}],
    ['whose subject is no identifier', { sub_id: 'alice' }, {}],
    ['whose subject has no format', { sub_id: { sub: 'alice' } }, {}],
  ])('%s', async (_, claims, header) => {
    const from = await transmitter()
    const { deliver, session, isActive } = receiver(from)
    const one = await session()
    expect(await deliver(await from.set(claims, header))).toBe('400 invalid_request')
    expect(await isActive(one)).toBe(true)
  })

  test('that is signed with a shared secret or not at all', async () => {
    const from = await transmitter()
    const { deliver } = receiver(from)
    const claims = JSON.parse(Buffer.from((await from.set()).split('.')[1] ?? '', 'base64url').toString())
    const shared = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', typ: 'secevent+jwt' })
      .sign(new TextEncoder().encode(PUSH_TOKEN))
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const unsigned = `${part({ alg: 'none', typ: 'secevent+jwt' })}.${part(claims)}.`
    expect([await deliver(shared), await deliver(unsigned)]).toEqual([
      '400 invalid_request',
      '400 invalid_request',
    ])
  })

  test('that names a key of its own', async () => {
    const from = await transmitter()
    const { deliver } = receiver(from)
    const { privateKey } = await generateKeyPair('ES256', { extractable: true })
    expect(await deliver(await from.set({}, { jku: 'https://attacker.example.com/jwks' }, privateKey))).toBe(
      '400 invalid_key',
    )
    expect(from.asked.map(({ path }) => path)).not.toContain('attacker')
  })

  test(`mutated in ${RUNS} ways`, { timeout: 180_000 + RUNS * 50 }, async () => {
    const from = await transmitter()
    const { push, session, isActive, store } = receiver(from)
    const one = await session()
    const good = await from.set()
    const parts = good.split('.')
    for (let run = 0; run < RUNS; run++) {
      const mutated = [...parts]
      const index = run % 3
      const part = mutated[index] ?? ''
      const at = (run * 7_919) % Math.max(1, part.length - 1)
      const other = part[at] === 'A' ? 'B' : 'A'
      mutated[index] = run % 5 === 0 ? part.slice(0, at) : part.slice(0, at) + other + part.slice(at + 1)
      const reply = await push(mutated.join(run % 11 === 0 ? '' : '.'))
      expect(reply.status, mutated.join('.')).toBe(400)
    }
    expect(await isActive(one)).toBe(true)
    expect((await store.sessions.get(one.handle))?.version).toBe(1)
    expect((await push(good)).status).toBe(202)
  })
})

describe('The endpoint for pushes', () => {
  test.each<readonly [string, Record<string, string>]>([
    ['without a secret', { authorization: '' }],
    ['with another one', { authorization: `Bearer ${PUSH_TOKEN}x` }],
    ['with the secret in another scheme', { authorization: `Basic ${PUSH_TOKEN}` }],
    ['with the access token of the streams', { authorization: `Bearer ${ACCESS_TOKEN}` }],
  ])('It answers 401 %s, before it verifies anything', async (_, headers) => {
    const from = await transmitter()
    const { push, session, isActive } = receiver(from)
    const one = await session()
    const reply = await push(await from.set(), headers)
    expect([reply.status, JSON.parse(String(reply.body)).err]).toEqual([401, 'authentication_failed'])
    expect(reply.headers).toContainEqual(['www-authenticate', 'Bearer'])
    expect([await isActive(one), from.asked]).toEqual([true, []])
  })

  test('It takes only security event tokens, of a size that they have', async () => {
    const from = await transmitter()
    const { push, bff } = receiver(from)
    const answers = [
      await push(await from.set(), { 'content-type': 'application/json' }),
      await push('x'.repeat(70_000)),
      await push(''),
    ]
    for (const { status, headers, body } of answers) {
      expect([status, JSON.parse(String(body)).err]).toEqual([400, 'invalid_request'])
      expect(headers).toContainEqual(['content-type', 'application/json; charset=utf-8'])
    }
    const get = await bff.handle({ ...post('/bff/shared-signals', '', {}), method: 'GET' })
    expect(get?.status).toBe(405)
  })

  test('It answers 202 with nothing, and asks for the keys once', async () => {
    const from = await transmitter()
    const { push } = receiver(from)
    const reply = await push(await from.set())
    expect([reply.status, reply.body]).toEqual([202, null])
    await push(await from.set())
    expect(from.requestsTo('GET /jwks')).toHaveLength(1)
  })

  test('While the keys are not available it is 503, and the token can be sent again', async () => {
    const from = await transmitter()
    from.instead.set('GET /jwks', [() => new Response('', { status: 503 })])
    const { push } = receiver(from)
    const token = await from.set()
    expect((await push(token)).status).toBe(503)
    await from.clock.advance(60_000)
    expect((await push(token)).status).toBe(202)
  })
})
