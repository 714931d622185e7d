import type { RequestView } from '@bff/core'
import { generateKeyPair, UnsecuredJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { type AccessTokenVerifierOptions, accessTokenVerifier } from '../src/index.ts'
import { failureOf } from './support/failure.ts'
import { scripted } from './support/provider-of-the-test.ts'
import { reset, type ScriptedProvider } from './support/scripted-provider.ts'

const AUDIENCE = 'https://api.example.com'

function verify(authorization?: string, options: Partial<AccessTokenVerifierOptions> = {}) {
  const verifier = accessTokenVerifier({
    issuer: scripted.issuer,
    audience: AUDIENCE,
    clock: scripted.clock,
    ...options,
  })
  return verifier({ header: () => authorization } as Partial<RequestView> as RequestView)
}

async function token(
  claims: Record<string, unknown> = {},
  header = {},
  key?: Parameters<ScriptedProvider['sign']>[2],
) {
  const now = Math.floor(scripted.clock.now() / 1000)
  const all = {
    iss: scripted.issuer,
    aud: AUDIENCE,
    sub: 'robot',
    scope: 'read',
    iat: now,
    exp: now + 300,
    ...claims,
  }
  return `Bearer ${await scripted.sign(all, { typ: 'at+jwt', ...header }, key)}`
}

const INVALID = { state: 'refused', status: 401, challenge: 'Bearer error="invalid_token"' }

describe('a Bearer token sent to the BFF itself [S1-55]', () => {
  it('is accepted with its audience and a scope', async () => {
    expect(await verify(await token({ scope: 'read write' }))).toMatchObject({
      state: 'accepted',
      claims: { sub: 'robot' },
      scopes: ['read', 'write'],
    })
    expect(await verify(await token({ aud: ['other', AUDIENCE] }))).toMatchObject({ state: 'accepted' })
  })

  it('is none where there is no header, and refused where it is of another kind', async () => {
    expect(await verify()).toEqual({ state: 'none' })
    for (const header of ['Basic YTpi', 'DPoP abc', 'Bearer', 'Bearer a b', ''])
      expect(await verify(header), header).toEqual(INVALID)
  })

  it('for another audience, such as the BFF’s own, is refused with 403', async () => {
    expect(await verify(await token({ aud: 'bff' }))).toMatchObject({ state: 'refused', status: 403 })
  })

  it('without a scope, or without the one needed, is refused with 403', async () => {
    for (const scope of [undefined, '', ' '])
      expect(await verify(await token({ scope }))).toMatchObject({ status: 403 })
    expect(await verify(await token(), { scopes: ['read', 'write'] })).toEqual({
      state: 'refused',
      status: 403,
      challenge: 'Bearer error="insufficient_scope", scope="read write"',
    })
  })

  it.each([
    ['expired', { exp: 1 }, {}],
    ['without an end', { exp: undefined }, {}],
    ['of another issuer', { iss: 'https://evil.example' }, {}],
    ['without a subject', { sub: undefined }, {}],
    ['an id token', {}, { typ: 'JWT' }],
    ['a logout token', {}, { typ: 'logout+jwt' }],
    ['bound to a key', { cnf: { jkt: 'thumbprint' } }, {}],
    ['bound to something that cannot be read', { cnf: 'thumbprint' }, {}],
    ['too long', { pad: 'x'.repeat(9_000) }, {}],
  ])('%s is refused with 401', async (_name, claims, header) => {
    expect(await verify(await token(claims, header))).toEqual(INVALID)
  })

  it('signed by nobody or by somebody else is refused', async () => {
    const { privateKey } = await generateKeyPair('ES256')
    expect(await verify(await token({}, {}, privateKey))).toEqual(INVALID)
    const unsecured = new UnsecuredJWT({
      iss: scripted.issuer,
      aud: AUDIENCE,
      sub: 'robot',
      scope: 'read',
    }).encode()
    expect(await verify(`Bearer ${unsecured}`)).toEqual(INVALID)
  })

  it('cannot be judged while the keys are not to be had: that is an outage, not a refusal', async () => {
    scripted.on('/jwks', reset)
    expect((await failureOf(verify(await token()))).code).toBe('provider_unavailable')
  })

  it.each([{ audience: '' }, { scopes: ['a b'] }, { clientId: 'x' }])(
    'refuses wrong options: %j',
    (wrong) => {
      const options = { issuer: scripted.issuer, audience: AUDIENCE, ...wrong }
      expect(() => accessTokenVerifier(options)).toThrowError(
        expect.objectContaining({ code: 'invalid_config' }),
      )
    },
  )
})
