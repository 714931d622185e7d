import { createHash, randomBytes } from 'node:crypto'
import { decodeJwt, importJWK, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { signInAtProvider, startProvider, type TestProvider } from '../../src/index.ts'
import { basic, codeRequest, dpopKey, exchange, post, REDIRECT_URI, refresh } from './support.ts'

let idp: TestProvider
beforeAll(async () => {
  idp = await startProvider()
})
afterAll(() => idp.close())

async function tokensOf(user: string): Promise<Record<string, unknown>> {
  const request = codeRequest(idp)
  return (await exchange(idp, await signInAtProvider(request.url, user), request.verifier)).body
}

describe('refresh', () => {
  it('rotates the refresh token and counts the refresh', async () => {
    const first = await tokensOf('alice')
    const before = { ...idp.stats }
    const second = await refresh(idp, first['refresh_token'])
    expect(second.status).toBe(200)
    expect(second.body['refresh_token']).not.toBe(first['refresh_token'])
    expect(decodeJwt(String(second.body['access_token']))).toMatchObject({
      sub: 'alice',
      aud: 'http://localhost:3002',
      scope: 'orders',
    })
    expect(idp.stats.refreshes).toBe(before.refreshes + 1)
    expect(idp.stats.tokenRequests).toBe(before.tokenRequests + 1)
  })

  it('revokes the whole family when a refresh token is used again', async () => {
    const first = await tokensOf('alice')
    const second = await refresh(idp, first['refresh_token'])
    const before = idp.stats.reuseDetected
    const reuse = await refresh(idp, first['refresh_token'])
    expect(reuse).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
    const successor = await refresh(idp, second.body['refresh_token'])
    expect(successor).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
    expect(idp.stats.reuseDetected).toBe(before + 1)
  })

  it('grants one of many simultaneous uses of a refresh token, and ends the family for it', async () => {
    const first = await tokensOf('alice')
    const before = idp.stats.reuseDetected
    const answers = await Promise.all(Array.from({ length: 8 }, () => refresh(idp, first['refresh_token'])))
    expect(idp.stats.reuseDetected).toBeGreaterThan(before)
    const granted = answers.filter((answer) => answer.status === 200)
    expect(granted).toHaveLength(1)
    expect(await refresh(idp, granted[0]?.body['refresh_token'])).toMatchObject({ status: 400 })
  })

  it('takes a used refresh token again within the grace, and counts that', async () => {
    const lenient = await startProvider({ reuseGrace: 60 })
    try {
      const request = codeRequest(lenient)
      const { body } = await exchange(
        lenient,
        await signInAtProvider(request.url, 'user-7'),
        request.verifier,
      )
      const answers = [
        await refresh(lenient, body['refresh_token']),
        await refresh(lenient, body['refresh_token']),
      ]
      expect(answers.map(({ status }) => status)).toEqual([200, 200])
      expect(decodeJwt(String(answers[1]?.body['access_token']))).toMatchObject({ sub: 'user-7' })
      expect(lenient.stats).toMatchObject({ reuseTolerated: 1, reuseDetected: 0 })
    } finally {
      await lenient.close()
    }
  })

  it('keeps the refresh token when told not to rotate', async () => {
    const other = await startProvider({ rotateRefreshTokens: false })
    try {
      const request = codeRequest(other)
      const { body } = await exchange(other, await signInAtProvider(request.url, 'bob'), request.verifier)
      for (let use = 0; use < 3; use += 1) {
        expect(await refresh(other, body['refresh_token'])).toMatchObject({
          status: 200,
          body: { refresh_token: body['refresh_token'] },
        })
      }
    } finally {
      await other.close()
    }
  })

  it('is refused after revokeGrantsOf, for that user only', async () => {
    const alice = await tokensOf('alice')
    const bob = await tokensOf('bob')
    idp.revokeGrantsOf('alice')
    expect(await refresh(idp, alice['refresh_token'])).toMatchObject({ body: { error: 'invalid_grant' } })
    expect(await refresh(idp, bob['refresh_token'])).toMatchObject({ status: 200 })
  })

  it('is refused after the token was revoked, which is counted', async () => {
    const { refresh_token: token } = await tokensOf('alice')
    const before = idp.stats.revocations
    const answer = await post(
      `${idp.issuer}/token/revocation`,
      { token: String(token), token_type_hint: 'refresh_token' },
      { authorization: basic(idp.clients.basic) },
    )
    expect(answer.status).toBe(200)
    expect(idp.stats.revocations).toBe(before + 1)
    expect(await refresh(idp, token)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
  })
})

describe('client authentication', () => {
  it('takes the secret in the body', async () => {
    const { clientId, clientSecret } = idp.clients.post
    const request = codeRequest(idp, { client_id: clientId })
    const callback = await signInAtProvider(request.url, 'alice')
    const credentials = { client_id: clientId, client_secret: clientSecret }
    expect(await exchange(idp, callback, request.verifier, {}, credentials)).toMatchObject({ status: 200 })
  })

  it('takes an assertion signed with the private key', async () => {
    const { clientId, privateKey } = idp.clients.privateKeyJwt
    const assertion = await new SignJWT({ jti: randomBytes(16).toString('hex') })
      .setProtectedHeader({ alg: 'ES256', kid: 'client-key' })
      .setIssuer(clientId)
      .setSubject(clientId)
      .setAudience(idp.issuer)
      .setIssuedAt()
      .setExpirationTime('1m')
      .sign(await importJWK(privateKey, 'ES256'))
    const request = codeRequest(idp, { client_id: clientId })
    const credentials = {
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    }
    const callback = await signInAtProvider(request.url, 'alice')
    expect(await exchange(idp, callback, request.verifier, {}, credentials)).toMatchObject({ status: 200 })
  })

  it('lets the public client in with PKCE alone, and nobody without', async () => {
    const { clientId } = idp.clients.public
    const request = codeRequest(idp, { client_id: clientId })
    const callback = await signInAtProvider(request.url, 'alice')
    expect(await exchange(idp, callback, request.verifier, {}, { client_id: clientId })).toMatchObject({
      status: 200,
      body: { refresh_token: expect.any(String) },
    })
    const bare = new URLSearchParams({
      client_id: clientId,
      redirect_uri: REDIRECT_URI,
      response_type: 'code',
      scope: 'openid',
    })
    const refused = new URL(await signInAtProvider(`${idp.issuer}/auth?${bare}`, 'alice'))
    expect(refused.searchParams.get('error')).toBe('invalid_request')
  })

  it('refuses a wrong secret', async () => {
    const request = codeRequest(idp)
    const callback = await signInAtProvider(request.url, 'alice')
    const authorization = basic({ clientId: 'demo', clientSecret: 'wrong' })
    expect(await exchange(idp, callback, request.verifier, { authorization })).toMatchObject({
      status: 401,
      body: { error: 'invalid_client' },
    })
  })
})

describe('pushed authorization requests', () => {
  it('carry the request out of the browser', async () => {
    const request = codeRequest(idp)
    const pushed = await post(`${idp.issuer}/request`, request.parameters, {
      authorization: basic(idp.clients.basic),
    })
    expect(pushed.status).toBe(201)
    const query = new URLSearchParams({ client_id: 'demo', request_uri: String(pushed.body['request_uri']) })
    const callback = await signInAtProvider(`${idp.issuer}/auth?${query}`, 'alice')
    expect(new URL(callback).searchParams.get('state')).toBe('the-state')
    expect(await exchange(idp, callback, request.verifier)).toMatchObject({ status: 200 })
  })
})

describe('DPoP', () => {
  const basicAuthorization = (provider: TestProvider) => basic(provider.clients.basic)

  it('binds the access token to the key of the proof, through refreshes', async () => {
    const key = await dpopKey()
    const request = codeRequest(idp)
    const url = `${idp.issuer}/token`
    const callback = await signInAtProvider(request.url, 'alice')
    const { body } = await exchange(idp, callback, request.verifier, {
      authorization: basicAuthorization(idp),
      dpop: await key.proof('POST', url),
    })
    expect(body['token_type']).toBe('DPoP')
    expect(decodeJwt(String(body['access_token']))['cnf']).toEqual({ jkt: key.thumbprint })
    const next = await refresh(idp, body['refresh_token'], { dpop: await key.proof('POST', url) })
    expect(decodeJwt(String(next.body['access_token']))['cnf']).toEqual({ jkt: key.thumbprint })
  })

  it('refuses a proof for another URL', async () => {
    const key = await dpopKey()
    const request = codeRequest(idp)
    const answer = await exchange(idp, await signInAtProvider(request.url, 'alice'), request.verifier, {
      authorization: basicAuthorization(idp),
      dpop: await key.proof('POST', 'https://elsewhere.example/token'),
    })
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_dpop_proof' } })
  })

  it('asks for its nonce when told to, and takes the proof that carries it', async () => {
    const strict = await startProvider({ requireDpopNonces: true })
    try {
      const key = await dpopKey()
      const request = codeRequest(strict)
      const callback = await signInAtProvider(request.url, 'alice')
      const url = `${strict.issuer}/token`
      const authorization = basicAuthorization(strict)
      const refused = await exchange(strict, callback, request.verifier, {
        authorization,
        dpop: await key.proof('POST', url),
      })
      expect(refused).toMatchObject({ status: 400, body: { error: 'use_dpop_nonce' } })
      const nonce = refused.headers.get('dpop-nonce') ?? ''
      const accepted = await exchange(strict, callback, request.verifier, {
        authorization,
        dpop: await key.proof('POST', url, { nonce }),
      })
      expect(accepted).toMatchObject({ status: 200, body: { token_type: 'DPoP' } })
    } finally {
      await strict.close()
    }
  })
})

describe('PKCE', () => {
  it('refuses a verifier that is not the one', async () => {
    const request = codeRequest(idp)
    const wrong = createHash('sha256').update(request.verifier).digest('base64url')
    expect(await exchange(idp, await signInAtProvider(request.url, 'alice'), wrong)).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    })
  })
})
