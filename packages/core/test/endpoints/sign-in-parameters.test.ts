import { describe, expect, it } from 'vitest'
import { signInParameters } from '../../src/endpoints/index.ts'
import { headerOf, jsonOf, world } from '../world.ts'

const ALLOWED = ['acr_values', 'max_age', 'login_hint', 'prompt', 'ui_locales']
const allowing = (allowed = ALLOWED) =>
  world({
    plugins: [signInParameters({ allowed })],
    login: { parameters: { ui_locales: 'de', audience: 'orders' } },
  })

describe('parameters of a link to /bff/login', () => {
  it('those allowed reach the provider, over those of the configuration [CKS-17]', async () => {
    const { browser, provider } = allowing()
    await browser().navigate(
      '/bff/login?acr_values=phr%20mfa&max_age=0&login_hint=alice%40example.com&prompt=login&ui_locales=fr&returnTo=/x',
    )
    expect(provider.asked).toEqual([
      {
        audience: 'orders',
        acr_values: 'phr mfa',
        max_age: '0',
        login_hint: 'alice@example.com',
        prompt: 'login',
        ui_locales: 'fr',
      },
    ])
  })

  it('no other does, and without the plugin none', async () => {
    const query = '/bff/login?acr_values=mfa&scope=admin&redirect_uri=https://evil.example&__proto__=x'
    const { browser, provider } = allowing(['prompt'])
    await browser().navigate(query)
    expect(provider.asked).toEqual([{ ui_locales: 'de', audience: 'orders' }])
    const plain = world()
    await plain.browser().navigate(query)
    expect(plain.provider.asked).toEqual([{}])
  })

  it.each([
    '/orders?max_age=0&acr_values=mfa&scope=admin',
    '/orders&max_age=0',
    '/%26max_age=0',
    '/?a=1&redirect_uri=https://evil.example/&prompt=login',
    '/#&login_hint=bob',
  ])('CVE-2025-67716 nothing within returnTo %s becomes one', async (returnTo) => {
    const { browser, provider } = allowing()
    const user = browser()
    const state = await user.startSignIn(returnTo)
    expect(provider.asked).toEqual([{ ui_locales: 'de', audience: 'orders' }])
    const reply = await user.navigate(`/bff/callback?code=c&state=${state}`)
    expect(headerOf(reply, 'location')).toBe(returnTo)
  })

  it.each([
    ['empty', 'login_hint='],
    ['longer than 512 characters', `login_hint=${'x'.repeat(513)}`],
    ['with a line break', 'login_hint=a%0d%0ab'],
    ['given twice', 'max_age=0&max_age=60'],
  ])('a value that is %s answers 400, and nothing begins', async (_name, query) => {
    const { browser, provider } = allowing()
    const reply = await browser().fetch('GET', `/bff/login?${query}`)
    expect([reply.status, jsonOf(reply).error]).toEqual([400, 'bad_request'])
    expect(provider.calls).toEqual([])
  })

  it.each([
    'redirect_uri',
    'state',
    'nonce',
    'client_id',
    'client_secret',
    'client_assertion',
    'scope',
    'response_type',
    'response_mode',
    'code_challenge',
    'code_challenge_method',
    'request',
    'request_uri',
    'registration',
    'dpop_jkt',
    'id_token_hint',
    'returnTo',
    'two words',
    '',
  ])('%j can never be among them', (name) => {
    expect(() => allowing([name])).toThrowError(expect.objectContaining({ code: 'invalid_config' }))
  })

  it('a step-up makes a new session and ends the old one [CKS-10]', async () => {
    const { browser, bff } = allowing()
    const user = browser()
    await user.signIn()
    const before = user.cookies.get('__Host-Http-bff')
    const reply = await user.navigate('/bff/login?acr_values=mfa&returnTo=/transfer')
    const state = new URL(headerOf(reply, 'location') ?? '').searchParams.get('state')
    await user.navigate(`/bff/callback?code=c&state=${state}`)
    expect(user.cookies.get('__Host-Http-bff')).not.toBe(before)
    expect(await bff.sessions.countActive({ userId: 'alice' })).toBe(1)
  })
})
