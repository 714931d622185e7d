import { expect, test } from 'vitest'
import type { Claims, Hooks } from '../../src/index.ts'
import { jsonOf, world } from '../world.ts'
import { harness } from './harness.ts'

const ISSUER = 'https://idp.example.com'

/** Signs in and refreshes once with an ID token of these claims; what `/bff/user` then says, by name. */
async function afterRefresh(
  signed: Claims | null,
  {
    onCreateSession,
    userInfo,
    refreshedUserInfo,
  }: Pick<Hooks<Claims>, 'onCreateSession'> & { userInfo?: Claims; refreshedUserInfo?: Claims } = {},
) {
  const { provider, browser, clock } = world({ hooks: onCreateSession ? { onCreateSession } : {} })
  const { exchange } = provider
  provider.exchange = async () => ({
    ...(await exchange.call(provider)),
    claims: { iss: ISSUER, sub: 'alice', auth_time: 1, acr: 'mfa', roles: ['admin'], name: 'Alice', age: 7 },
    ...(userInfo && { userInfo }),
  })
  const user = browser()
  await user.signIn()
  const claims = async () => {
    const list: Array<{ type: string; value: unknown }> = jsonOf(await user.fetch('GET', '/bff/user'))
    return Object.fromEntries(
      list.filter(({ type }) => !type.startsWith('bff:')).map((one) => [one.type, one.value]),
    )
  }
  const before = await claims()
  provider.refresh = async () => ({
    ...provider.tokens(),
    claims: signed,
    ...(refreshedUserInfo && { userInfo: refreshedUserInfo }),
  })
  await clock.advance(1_000)
  expect((await user.fetch('POST', '/bff/refresh')).status).toBe(200)
  const after = await claims()
  await clock.advance(1_000)
  expect((await user.fetch('POST', '/bff/refresh')).status).toBe(200)
  expect(await claims()).toEqual(after)
  return { before, after }
}

test('a claim that a refreshed ID token no longer has is gone, and what tells of the sign-in stays', async () => {
  const { before, after } = await afterRefresh({ iss: ISSUER, sub: 'alice', name: 'Alice B.' })
  expect(before).toMatchObject({ roles: 'admin', age: 7 })
  expect(after).toEqual({ iss: ISSUER, sub: 'alice', name: 'Alice B.', auth_time: 1, acr: 'mfa' })
})

test('a claim that comes first with a refresh is there', async () => {
  const { after } = await afterRefresh({ iss: ISSUER, sub: 'alice', groups: ['sales'] })
  expect(after).toMatchObject({ groups: 'sales' })
})

test('a refresh without an ID token leaves the claims as they are', async () => {
  const { before, after } = await afterRefresh(null)
  expect(after).toEqual(before)
})

test('claims the hook added, replaced or left out stay so, and the others follow the ID token', async () => {
  const { before, after } = await afterRefresh(
    { iss: ISSUER, sub: 'alice', roles: ['owner'], name: 'Alice B.', age: 8 },
    {
      onCreateSession: ({ claims }) => {
        const { age, ...kept } = claims ?? {}
        return { claims: { ...kept, name: `The ${age} year old`, plan: 'pro' } }
      },
    },
  )
  expect(before).toMatchObject({ name: 'The 7 year old', plan: 'pro', roles: 'admin' })
  expect(before).not.toHaveProperty('age')
  expect(after).toMatchObject({ name: 'The 7 year old', plan: 'pro', roles: 'owner' })
  expect(after).not.toHaveProperty('age')
})

test('what a userinfo answer brought outlives a refresh, what the ID token also had does not', async () => {
  const { before, after } = await afterRefresh(
    { iss: ISSUER, sub: 'alice' },
    { userInfo: { email: 'alice@example.com', roles: ['guest'] } },
  )
  expect(before).toMatchObject({ email: 'alice@example.com', roles: 'admin' })
  expect(after).toMatchObject({ email: 'alice@example.com' })
  expect(after).not.toHaveProperty('roles')
})

test.each([
  ['without an ID token', null],
  ['beside an ID token', { iss: ISSUER, sub: 'alice', name: 'Alice', roles: ['admin'], age: 7 }],
])(
  'a userinfo answer at a refresh %s replaces the last one, and neither the ID token nor the app',
  async (_name, signed) => {
    const { after } = await afterRefresh(signed, {
      userInfo: { email: 'alice@example.com', phone: '1', locale: 'de' },
      refreshedUserInfo: {
        email: 'alice@example.net',
        city: 'Ulm',
        roles: ['guest'],
        locale: 'fr',
        plan: 'free',
      },
      onCreateSession: ({ claims }) => {
        const { locale, ...kept } = claims ?? {}
        return { claims: { ...kept, plan: 'pro' } }
      },
    })
    expect(after).toEqual({
      ...{ iss: ISSUER, sub: 'alice', auth_time: 1, acr: 'mfa', roles: 'admin', name: 'Alice', age: 7 },
      ...{ email: 'alice@example.net', city: 'Ulm', plan: 'pro' },
    })
  },
)

test('a session from before claims had an origin keeps what the first refresh does not name, and then follows', async () => {
  const { clock, provider, process, signIn, identityOf } = harness()
  const session = await signIn({ identity: { claims: { sub: 'alice', plan: 'pro', roles: ['admin'] } } })
  provider.script.push((_, fresh) => ({ ...fresh, claims: { sub: 'alice', roles: ['admin'] } }))
  const first = await clock.run(process().refresh(session))
  provider.script.push((_, fresh) => ({ ...fresh, claims: { sub: 'alice' } }))
  const second = first && (await clock.run(process().refresh(first)))
  expect(first && (await identityOf(first)).claims).toEqual({ sub: 'alice', plan: 'pro', roles: ['admin'] })
  expect(second && (await identityOf(second)).claims).toEqual({ sub: 'alice', plan: 'pro' })
})
