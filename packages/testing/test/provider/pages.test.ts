import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { signInAtProvider, startProvider, type TestProvider } from '../../src/index.ts'
import { codeRequest } from './support.ts'

let idp: TestProvider
beforeAll(async () => {
  idp = await startProvider()
})
afterAll(() => idp.close())

async function openSignInPage(extra: Record<string, string> = {}) {
  const redirect = await fetch(codeRequest(idp, extra).url, { redirect: 'manual' })
  const url = new URL(redirect.headers.get('location') ?? '', idp.issuer).href
  const cookie = redirect.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ')
  const response = await fetch(url, { headers: { cookie } })
  return { url, cookie, response, html: await response.text() }
}

describe('the sign-in page', () => {
  it('has a login field, a password field and one submit button, and loads nothing', async () => {
    const { html } = await openSignInPage()
    expect(html.match(/<input name="login"/g)).toHaveLength(1)
    expect(html.match(/<input name="password" type="password"/g)).toHaveLength(1)
    expect(html.match(/<button/g)).toHaveLength(1)
    expect(html).not.toMatch(/https?:\/\/|<script|onclick| style="/)
  })

  it('may not be framed, cached, or run scripts', async () => {
    const { response } = await openSignInPage()
    const policy = response.headers.get('content-security-policy')
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toContain('unsafe-inline')
    expect(response.headers.get('cache-control')).toBe('no-store')
  })

  it('says who is known when somebody is not, as text', async () => {
    await expect(signInAtProvider(codeRequest(idp).url, 'mallory')).rejects.toThrow(
      'Nobody here is called “mallory”. Try alice or bob.',
    )
    const { url, cookie } = await openSignInPage()
    const body = new URLSearchParams({ login: '<script>x</script>"', password: 'p' })
    const response = await fetch(url, { method: 'POST', headers: { cookie }, body, redirect: 'manual' })
    const html = await response.text()
    expect(response.status).toBe(422)
    expect(html).toContain('role="alert"')
    expect(html).not.toContain('<script>')
    expect(html).toContain('value="&#60;script&#62;x&#60;/script&#62;&#34;"')
  })

  it('fills in the login hint', async () => {
    const { html } = await openSignInPage({ login_hint: 'bob' })
    expect(html).toContain('value="bob"')
  })

  it('belongs to the browser that asked for it', async () => {
    const { url } = await openSignInPage()
    const response = await fetch(url)
    expect(response.status).toBe(400)
    expect(await response.text()).toContain('This sign-in has expired, or was begun in another browser.')
  })

  it('refuses a form larger than a sign-in and methods it has no use for', async () => {
    const { url, cookie } = await openSignInPage()
    const large = new URLSearchParams({ login: 'a'.repeat(10_000) })
    expect((await fetch(url, { method: 'POST', headers: { cookie }, body: large })).status).toBe(413)
    expect((await fetch(url, { method: 'PUT', headers: { cookie } })).status).toBe(405)
  })
})

describe('the error page', () => {
  it('names the error of a request that cannot be sent back', async () => {
    const { url } = codeRequest(idp, { redirect_uri: 'https://elsewhere.example/callback' })
    await expect(signInAtProvider(url, 'alice')).rejects.toThrow(
      /^The provider answered 400: invalid_redirect_uri/,
    )
  })
})
