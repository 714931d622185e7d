import { httpClient } from '@bff/test-support/http-client'
import { describe, expect, it } from 'vitest'
import { jumpClock } from './support/clock.ts'
import { testStack } from './support/test-stack.ts'

const TOKEN_LIFE_MS = 60_000
/** How long the client of the provider waits for an answer. */
const PROVIDER_TIMEOUT_MS = 10_000
/** The longest pause of the circuit breaker. */
const LONGEST_PAUSE_MS = 30_000
const CALLS = 200

describe('one session, many calls', () => {
  it('200 concurrent calls on an expired access token: one refresh at the provider, 200 answers of 200 [RFT-02]', async () => {
    const clock = jumpClock()
    const { idp, origin, api } = await testStack({ clock })
    const client = httpClient(origin)
    await client.signIn()
    const tokenRequests = idp.stats.tokenRequests
    clock.jump(TOKEN_LIFE_MS + 1_000)

    const answers = await Promise.all(Array.from({ length: CALLS }, () => client.call('/api/orders')))

    expect(answers.filter(({ status }) => status === 200)).toHaveLength(CALLS)
    expect(idp.stats).toMatchObject({ refreshes: 1, reuseDetected: 0 })
    expect(idp.stats.tokenRequests - tokenRequests).toBe(1)
    const asked = api.requests.filter(({ path }) => path === '/orders')
    expect(asked).toHaveLength(CALLS)
    expect(asked.every(({ hadCookie, authScheme }) => !hadCookie && authScheme === 'DPoP')).toBe(true)
  })
})

describe('a provider that fails for a minute', () => {
  for (const mode of ['500', '429', 'html', 'hang', 'reset'] as const) {
    it(`with ${mode} ends no session: 200 while the token lives, then 503 with Retry-After, and all is well afterwards [RFT-08]`, async () => {
      const clock = jumpClock()
      const { idp, origin, tap } = await testStack({ clock })
      const client = httpClient(origin)
      await client.signIn()
      const cookies = [...client.cookies]
      const callDuringOutage = async () => {
        const contacted = tap.contacted()
        const answer = client.call('/api/orders')
        if (mode === 'hang') {
          await Promise.race([answer, contacted])
          clock.jump(PROVIDER_TIMEOUT_MS)
        }
        return answer
      }

      idp.fail(mode)
      clock.jump(TOKEN_LIFE_MS - PROVIDER_TIMEOUT_MS - 1_000)
      const early = await callDuringOutage()
      expect([early.status, early.headers['set-cookie']]).toEqual([200, undefined])

      clock.jump(TOKEN_LIFE_MS)
      const outageEnds = clock.now() + 60_000
      while (clock.now() < outageEnds) {
        const refused = await callDuringOutage()
        expect([refused.status, refused.error]).toEqual([503, 'provider_unavailable'])
        expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1)
        expect(refused.headers['set-cookie']).toBeUndefined()
        clock.jump(5_000)
      }
      expect((await client.call('/bff/session')).text).toContain('"authenticated":true')

      idp.fail('none')
      clock.jump(LONGEST_PAUSE_MS)
      expect((await client.call('/api/orders')).status).toBe(200)
      expect([...client.cookies]).toEqual(cookies)
      expect(idp.stats).toMatchObject({ refreshes: 1, reuseDetected: 0 })
    })
  }
})
