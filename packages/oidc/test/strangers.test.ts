import { isBffError } from '@bff/core'
import { describe, expect, it } from 'vitest'
import { failureOf } from './support/failure.ts'
import { scripted } from './support/provider-of-the-test.ts'
import { type Answer, hang, json, reset, text } from './support/scripted-provider.ts'
import { begin, callback, providerFor, refreshRequest, TOKENS } from './support/sign-in.ts'

const HONEST_SIGN_INS = 46
const TWENTY_SECONDS = 20_000

const refreshOf = (subject: string) =>
  refreshRequest({ refreshToken: `token-of-${subject}`, issuer: scripted.issuer, subject })

/** A token endpoint that serves honest users, and answers Mallory's codes and tokens as the test says. */
function answerMallory(answer: Answer): { nonce: string } {
  const honest = { nonce: '' }
  scripted.on('/token', async (response, request) => {
    const isMallory = /mallory/.test(`${request.form.get('code')} ${request.form.get('refresh_token')}`)
    if (isMallory) return answer(response, request)
    const id_token = request.form.has('code') ? await scripted.idToken({ nonce: honest.nonce }) : undefined
    return json(200, { ...TOKENS, id_token })(response, request)
  })
  return honest
}

describe('A stranger at the token endpoint', () => {
  it.each<[string, Answer]>([
    ['400 invalid_grant', json(400, { error: 'invalid_grant' })],
    ['403 invalid_grant', json(403, { error: 'invalid_grant' })],
    ['404 in JSON', json(404, { error: 'not_found' })],
    ['an error code nobody knows', json(400, { error: 'quota_exceeded' })],
    ['a firewall’s page', text(403, 'text/html', '<h1>Blocked</h1>')],
    ['429 and an hour to wait', text(429, 'text/html', 'slow down', { 'retry-after': '3600' })],
    ['500', text(500, 'text/plain', 'NullPointerException')],
    ['a page with 200', text(200, 'text/html', '<h1>Hello</h1>')],
    ['a dropped connection', reset],
  ])('shuts out nobody whose own calls are answered with %s', async (_name, answer) => {
    const honest = answerMallory(answer)
    const provider = providerFor(scripted)
    const garbage = await begin(provider)
    const misbehave = async () => {
      await failureOf(provider.refresh(refreshOf('mallory')))
      await failureOf(provider.exchange(callback(scripted, { code: 'mallory' }), garbage.transaction))
    }
    for (let call = 0; call < 5; call += 1) await misbehave()
    let failed = 0
    for (let attempt = 0; attempt < HONEST_SIGN_INS; attempt += 1) {
      if (attempt % 5 === 0) await misbehave()
      const { nonce, transaction } = await begin(provider)
      honest.nonce = nonce
      await provider.exchange(callback(scripted), transaction).catch((error: unknown) => {
        if (!isBffError(error)) throw error
        failed += 1
      })
      if (attempt % 5 === 0) await provider.refresh(refreshOf('alice'))
      scripted.clock.jump(TWENTY_SECONDS / HONEST_SIGN_INS)
    }
    expect(failed).toBe(0)
  })

  it('shuts out nobody by calls that hang', async () => {
    const honest = answerMallory(hang)
    const provider = providerFor(scripted)
    for (let round = 0; round < 6; round += 1) {
      const before = scripted.requestsTo('/token').length
      const garbage = await begin(provider)
      const hanging = [
        provider.refresh(refreshOf('mallory')).catch(() => {}),
        failureOf(provider.exchange(callback(scripted, { code: 'mallory' }), garbage.transaction)),
      ]
      await scripted.received('/token', before + (round < 5 ? 2 : 1))
      scripted.clock.jump(10_000)
      await Promise.all(hanging)
      const { nonce, transaction } = await begin(provider)
      honest.nonce = nonce
      expect((await provider.exchange(callback(scripted), transaction)).subject).toBe('alice')
      expect((await provider.refresh(refreshOf('alice'))).accessToken).toBe('access-1')
    }
  })

  it('is held back alone when their own calls fail time and again', async () => {
    answerMallory(reset)
    const provider = providerFor(scripted)
    for (let call = 0; call < 100; call += 1) await failureOf(provider.refresh(refreshOf('mallory')))
    expect(scripted.requestsTo('/token')).toHaveLength(5)
  })
})

describe('An endpoint that is down', () => {
  it('takes no other with it: refreshes go on while the keys cannot be had', async () => {
    const provider = providerFor(scripted)
    scripted.on('/jwks', reset)
    scripted.on('/token', json(200, TOKENS))
    for (let call = 0; call < 6; call += 1) {
      expect((await failureOf(provider.verifyLogoutToken(await scripted.idToken()))).code).toBe(
        'provider_unavailable',
      )
    }
    expect(scripted.requestsTo('/jwks')).toHaveLength(5)
    expect((await provider.refresh(refreshOf('alice'))).accessToken).toBe('access-1')
  })

  it('is asked for its metadata no more than once in a pause, and within ten seconds of being well again', async () => {
    const discovery = '/.well-known/openid-configuration'
    scripted.on(discovery, text(502, 'text/html', 'Bad gateway'))
    const provider = providerFor(scripted)
    for (let second = 0; second < 120; second += 1) {
      await failureOf(begin(provider))
      scripted.clock.jump(1000)
    }
    expect(scripted.requestsTo(discovery).length).toBeLessThan(25)
    scripted.on(discovery, (response, request) => json(200, scripted.metadata)(response, request))
    for (let second = 0; second < 10; second += 1) {
      if ((await begin(provider).catch(() => null)) !== null) return
      scripted.clock.jump(1000)
    }
    throw new Error('Nobody could sign in ten seconds after the provider was well again.')
  })
})

describe('A provider that is well again', () => {
  it.each<[string, Answer]>([
    ['500', text(500, 'text/plain', 'sorry')],
    ['502', text(502, 'text/html', 'Bad gateway')],
    ['503 and an hour to wait', text(503, 'text/plain', '', { 'retry-after': '3600' })],
    ['a page with 200', text(200, 'text/html', '<h1>Down for maintenance</h1>')],
    ['a firewall’s page', text(403, 'text/html', '<h1>Blocked</h1>')],
    ['429 and an hour to wait', json(429, { error: 'slow_down' }, { 'retry-after': '3600' })],
    ['a dropped connection', reset],
  ])('is asked again within ten seconds after it answered %s for a minute', async (_name, answer) => {
    scripted.on('/token', answer)
    const users = Array.from({ length: 6 }, (_, number) => `user-${number}`)
    const provider = providerFor(scripted)
    for (let second = 0; second < 60; second += 1) {
      await Promise.all(users.map((user) => failureOf(provider.refresh(refreshOf(user)))))
      scripted.clock.jump(1000)
    }
    // A probe in every pause of four seconds, and what came before everybody was held back.
    expect(scripted.requestsTo('/token').length).toBeLessThan(35)
    scripted.on('/token', json(200, TOKENS))
    const waiting = new Set(users)
    for (let second = 0; second < 10; second += 1) {
      for (const user of users)
        await provider.refresh(refreshOf(user)).then(
          () => waiting.delete(user),
          () => {},
        )
      scripted.clock.jump(1000)
    }
    expect([...waiting]).toEqual([])
  })
})
