import { describe, expect, it } from 'vitest'
import type { UpstreamResponse } from '../../src/proxy/index.ts'
import { fakeSession, setUp, textOf, tokensOf } from './support.ts'

const refusing = (...challenges: string[]): Partial<UpstreamResponse> => ({
  status: 401,
  headers: challenges.map((value) => ['www-authenticate', value] as const),
})

function proxyTo(answer: Partial<UpstreamResponse>) {
  const renewed: unknown[] = []
  const set = setUp({}, () => answer, {
    tokens: {
      async replaceRefused(refused) {
        renewed.push(refused)
        return fakeSession({ tokens: tokensOf('at-2') })
      },
    },
  })
  return { ...set, renewed }
}

describe('RFC 9470 an API that wants a stronger or a more recent sign-in', () => {
  it.each([
    [
      ['Bearer error="insufficient_user_authentication", acr_values="mfa phr", max_age="300"'],
      { acr_values: 'mfa phr', max_age: 300 },
    ],
    [['DPoP error=insufficient_user_authentication, max_age=0'], { max_age: 0 }],
    [['Basic realm="a, b"', 'Bearer realm="x", error="insufficient_user_authentication"'], {}],
    [['Bearer error="insufficient_user_authentication", acr_values="a\u0000b", max_age="-1"'], {}],
  ])('is answered with one code, without a new token: %j', async (challenges, asked) => {
    const { call, upstream, renewed, events } = proxyTo(refusing(...challenges))
    const reply = await call('/api/transfer', { method: 'DELETE' })
    expect([reply.status, JSON.parse(await textOf(reply.body))]).toEqual([
      401,
      {
        error: 'insufficient_user_authentication',
        message: 'The API wants a stronger or a more recent sign-in. Sign in again.',
        ...asked,
      },
    ])
    expect(new Map(reply.headers).get('cache-control')).toBe('no-store')
    expect(upstream.sent).toHaveLength(1)
    expect(renewed).toEqual([])
    expect(events).toMatchObject([{ type: 'proxy.denied', code: 'insufficient_user_authentication' }])
  })

  it('does not wait for the end of the refusal', async () => {
    let isCancelled = false
    const body: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => {}),
        return: async () => {
          isCancelled = true
          return { done: true, value: undefined }
        },
      }),
    }
    const { call } = proxyTo({ ...refusing('Bearer error="insufficient_user_authentication"'), body })
    await call('/api/transfer')
    expect(isCancelled).toBe(true)
  })

  it('is not heard in another status, in a description, or on a route without a token', async () => {
    const forbidden = proxyTo({ ...refusing('Bearer error="insufficient_user_authentication"'), status: 403 })
    expect((await forbidden.call('/api/x')).status).toBe(403)
    const described = proxyTo(
      refusing('Bearer error="invalid_token", error_description="error=insufficient_user_authentication"'),
    )
    await described.call('/api/x')
    expect(described.renewed).toHaveLength(1)
    const open = setUp({ token: 'none' }, () => refusing('Bearer error="insufficient_user_authentication"'))
    const reply = await open.call('/api/x', {}, null)
    expect([reply.status, await textOf(reply.body)]).toEqual([401, ''])
  })
})
