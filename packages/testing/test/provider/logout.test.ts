import { createServer } from 'node:http'
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createBrowser, startProvider, type TestProvider } from '../../src/index.ts'
import { codeRequest, exchange, refresh } from './support.ts'

let idp: TestProvider
let backchannelLogoutUri = ''
const logoutTokens: string[] = []
const app = createServer((request, response) => {
  let form = ''
  request.setEncoding('utf8')
  request.on('data', (text: string) => {
    form += text
  })
  request.on('end', () => {
    logoutTokens.push(new URLSearchParams(form).get('logout_token') ?? '')
    response.writeHead(200).end()
  })
})

beforeAll(async () => {
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve))
  const address = app.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  backchannelLogoutUri = `http://localhost:${port}/bff/backchannel-logout`
  idp = await startProvider({ backchannelLogoutUri })
})
afterAll(async () => {
  await idp.close()
  app.close()
})

async function signedIn(user: string) {
  const browser = createBrowser()
  const request = codeRequest(idp)
  const callback = await browser.signIn(request.url, user)
  const { body } = await exchange(idp, callback, request.verifier)
  return { browser, tokens: body }
}

const endSession = (idToken: unknown): string =>
  `${idp.issuer}/session/end?${new URLSearchParams({
    id_token_hint: String(idToken),
    post_logout_redirect_uri: 'http://localhost:3000/bff/logout/callback',
    state: 'bye',
  })}`

describe('a logout that begins at the app', () => {
  it('goes back to the app without a question, and is over at the provider too', async () => {
    const { browser, tokens } = await signedIn('alice')
    const silent = codeRequest(idp, { prompt: 'none' })
    expect(new URL(await browser.signIn(silent.url, 'alice')).searchParams.get('code')).not.toBeNull()

    expect(await browser.leave(endSession(tokens['id_token']))).toBe(
      'http://localhost:3000/bff/logout/callback?state=bye',
    )
    expect(new URL(await browser.signIn(silent.url, 'alice')).searchParams.get('error')).toBe(
      'login_required',
    )
  })

  it('leaves the refresh token alive, which is the app’s to revoke', async () => {
    const { browser, tokens } = await signedIn('alice')
    await browser.leave(endSession(tokens['id_token']))
    expect(await refresh(idp, tokens['refresh_token'])).toMatchObject({ status: 200 })
  })

  it('goes back to the app when the provider session is gone already', async () => {
    const { tokens } = await signedIn('alice')
    expect(await createBrowser().leave(endSession(tokens['id_token']))).toMatch(/\?state=bye$/)
  })

  it('ends on a page of its own when it has nowhere to go', async () => {
    const { browser } = await signedIn('alice')
    await expect(browser.leave(`${idp.issuer}/session/end`)).rejects.toThrow('Signed out')
  })
})

describe('a logout that begins at the provider', () => {
  it('sends a logout token with the sid of the sign-in once', async () => {
    const { tokens } = await signedIn('bob')
    logoutTokens.length = 0
    expect(await idp.backchannelLogout('bob')).toEqual({ delivered: 1, failed: 0 })
    const keys = createRemoteJWKSet(new URL(`${idp.issuer}/jwks`))
    const { payload } = await jwtVerify(logoutTokens[0] ?? '', keys, { issuer: idp.issuer, audience: 'demo' })
    expect(payload).toMatchObject({
      sub: 'bob',
      sid: decodeJwt(String(tokens['id_token']))['sid'],
      jti: expect.any(String),
      events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    })
    expect(await idp.backchannelLogout('bob')).toEqual({ delivered: 0, failed: 0 })
  })

  it('names the user alone where it was told to', async () => {
    const other = await startProvider({ backchannelLogoutUri, backchannelLogoutNamesSession: false })
    try {
      const request = codeRequest(other)
      await exchange(other, await createBrowser().signIn(request.url, 'bob'), request.verifier)
      logoutTokens.length = 0
      expect(await other.backchannelLogout('bob')).toEqual({ delivered: 1, failed: 0 })
      expect(decodeJwt(logoutTokens[0] ?? '')).toMatchObject({ sub: 'bob' })
      expect(decodeJwt(logoutTokens[0] ?? '')).not.toHaveProperty('sid')
    } finally {
      await other.close()
    }
  })
})
