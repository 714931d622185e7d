import type { Reply } from '@bff/core'
import { decodeJwt } from 'jose'
import { expect, it } from 'vitest'
import { bearer, jsonOf, outcomeOf, type Pair, world } from './support/world.ts'

const OVER = '401 invalid or expired refresh token'
const DAY = 86_400_000

const pairOf = (reply: Reply): Pair => {
  const { access_token, refresh_token } = jsonOf(reply)
  return { access_token: String(access_token), refresh_token: String(refresh_token) }
}

it('a refresh token used twice ends its family, and says so [JWT-05, JWT-06]', async () => {
  const { signIn, post, send, events, store } = await world()
  const other = await signIn()
  const first = await signIn()
  const second = pairOf(await post('/auth/refresh', first))
  const heard: string[] = []
  await store.events.subscribe('auth.logout', (event) => {
    if (event.type === 'auth.logout' && event.by === 'wallet') heard.push(event.token_id)
  })
  expect(outcomeOf(await post('/auth/refresh', first))).toBe(OVER)
  expect(outcomeOf(await send('/api/me', bearer(second.access_token)))).toBe('401 token has been revoked')
  expect(outcomeOf(await post('/auth/refresh', second))).toBe(OVER)
  const { jti, sub } = decodeJwt(first.refresh_token)
  expect(events.filter(({ type }) => type === 'wallet.family_revoked')).toEqual([
    {
      type: 'wallet.family_revoked',
      at: expect.any(Number),
      userId: `eip155:${sub?.toLowerCase()}`,
      reason: 'reuse',
      severity: 'warning',
    },
  ])
  expect(heard).toEqual([jti])
  expect((await send('/api/me', bearer(other.access_token))).status).toBe(200)
})

it('of 100 uses of one refresh token at once one is good, and then the family is over [JWT-05]', async () => {
  const { signIn, post, send } = await world()
  const first = await signIn()
  const replies = await Promise.all(Array.from({ length: 100 }, () => post('/auth/refresh', first)))
  const [winner, ...others] = replies.filter(({ status }) => status === 200)
  expect(others).toEqual([])
  expect(replies.filter((reply) => outcomeOf(reply) === OVER)).toHaveLength(99)
  if (winner === undefined) throw new Error('nobody won')
  expect((await send('/api/me', bearer(pairOf(winner).access_token))).status).toBe(401)
  expect(outcomeOf(await post('/auth/refresh', pairOf(winner)))).toBe(OVER)
})

it('with a grace, 100 uses at once by one client get one successor, which lives [JWT-06]', async () => {
  const { signIn, post, send, events } = await world({ reuseGraceMs: 10_000 })
  const first = await signIn()
  const replies = await Promise.all(Array.from({ length: 100 }, () => post('/auth/refresh', first)))
  const successors = new Set(replies.map((reply) => pairOf(reply).refresh_token))
  expect(successors.size).toBe(1)
  for (const reply of [replies[0], replies[99]])
    if (reply !== undefined)
      expect((await send('/api/me', bearer(pairOf(reply).access_token))).status).toBe(200)
  const [refresh_token = ''] = successors
  expect((await post('/auth/refresh', { refresh_token })).status).toBe(200)
  expect(events.some(({ type }) => type === 'wallet.family_revoked')).toBe(false)
})

it('the grace is over in time, and is nobody else’s [JWT-06]', async () => {
  for (const [late, sent] of [
    [true, {}],
    [false, { remoteAddress: '198.51.100.9' }],
    [false, { headers: { 'user-agent': 'another' } }],
  ] as const) {
    const { signIn, send, post, clock } = await world({ reuseGraceMs: 10_000 })
    const first = await signIn()
    const second = pairOf(await post('/auth/refresh', first))
    clock.jump(late ? 10_001 : 9_999)
    expect(outcomeOf(await send('/auth/refresh', { method: 'POST', body: first, ...sent }))).toBe(OVER)
    expect(outcomeOf(await post('/auth/refresh', second))).toBe(OVER)
  }
})

it('keeps a successor sealed in the store', async () => {
  const { signIn, post, store } = await world({ reuseGraceMs: 10_000 })
  const first = await signIn()
  const { refresh_token } = pairOf(await post('/auth/refresh', first))
  const note = await store.ttl.get(`revoked:${decodeJwt(first.refresh_token).jti}`)
  expect(note).toEqual(expect.any(String))
  for (const part of refresh_token.split('.')) expect(note).not.toContain(part)
})

it('a family ends for good, however often it was refreshed [JWT-07]', async () => {
  const { signIn, post, send, clock } = await world({ familyLifeMs: 10 * DAY })
  let pair = await signIn()
  const end = Number(decodeJwt(pair.refresh_token)['family_exp'])
  for (let day = 4; day <= 8; day += 4) {
    clock.jump(4 * DAY)
    pair = pairOf(await post('/auth/refresh', pair))
    expect(decodeJwt(pair.refresh_token)['family_exp']).toBe(end)
  }
  expect(decodeJwt(pair.refresh_token).exp).toBe(end)
  clock.jump(2 * DAY - 60_000)
  pair = pairOf(await post('/auth/refresh', pair))
  expect([decodeJwt(pair.access_token).exp, decodeJwt(pair.refresh_token).exp]).toEqual([end, end])
  expect((await send('/api/me', bearer(pair.access_token))).status).toBe(200)
  clock.jump(60_000)
  expect(outcomeOf(await post('/auth/refresh', pair))).toBe(OVER)
})

it('a denial lives exactly as long as what it denies [S4-19, JWT-04, flaw 44]', async () => {
  const { signIn, post, store, clock } = await world({ clockToleranceMs: 1_000 })
  const rotated = await signIn()
  await post('/auth/refresh', rotated)
  const { jti, sid } = decodeJwt<{ sid: string }>(rotated.refresh_token)
  expect(await store.ttl.get(`revoked:${jti}`)).toBe('revoked')
  expect(await store.ttl.get(`revoked:${sid}`)).toBe(null)
  await post('/auth/logout', rotated)
  expect(await store.ttl.get(`revoked:${sid}`)).toBe('revoked')
  clock.jump(5 * DAY + 999)
  expect(await store.ttl.get(`revoked:${jti}`)).toBe('revoked')
  clock.jump(1)
  expect(await store.ttl.get(`revoked:${jti}`)).toBe(null)
  clock.jump(25 * DAY - 1)
  expect(await store.ttl.get(`revoked:${sid}`)).toBe('revoked')
  clock.jump(1)
  expect(await store.ttl.get(`revoked:${sid}`)).toBe(null)
})

it('a sign-out that meets a refresh under way leaves no token alive', async () => {
  const { signIn, post, send, store } = await world()
  const first = await signIn()
  const { setIfAbsent } = store.ttl
  let overtaken = false
  store.ttl.setIfAbsent = async (key, value, ttlMs) => {
    if (!overtaken) {
      overtaken = true
      expect((await post('/auth/logout', first)).status).toBe(200)
    }
    return setIfAbsent.call(store.ttl, key, value, ttlMs)
  }
  const reply = await post('/auth/refresh', first)
  expect(outcomeOf(reply)).toBe(OVER)
  const second = await signIn()
  overtaken = true
  const refreshed = pairOf(await post('/auth/refresh', second))
  await post('/auth/logout', second)
  expect((await send('/api/me', bearer(refreshed.access_token))).status).toBe(401)
  expect(outcomeOf(await post('/auth/refresh', refreshed))).toBe(OVER)
})
