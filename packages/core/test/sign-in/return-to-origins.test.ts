import { expect, test } from 'vitest'
import { generateEncryptionKey } from '../../src/index.ts'
import { Browser, headerOf, request, world } from '../world.ts'

const WWW = 'https://www.example.com'
const encryptionKeys = [generateEncryptionKey()]
const open = () => world({ encryptionKeys, returnToOrigins: [WWW, 'https://shop.example.com:8443'] })

async function comesTo(user: Browser, returnTo: string): Promise<string | undefined> {
  const begun = await user.navigate(`/bff/login?returnTo=${encodeURIComponent(returnTo)}`)
  const location = headerOf(begun, 'location') ?? ''
  if (!location.startsWith('https://idp.')) return location
  const state = new URL(location).searchParams.get('state')
  return headerOf(
    await user.navigate(`/bff/callback?code=c&state=${state}`, { 'sec-fetch-site': 'same-origin' }),
    'location',
  )
}

test.each([
  [`${WWW}/orders?x=1#y`, `${WWW}/orders?x=1#y`],
  [WWW, `${WWW}/`],
  [`${WWW}/`, `${WWW}/`],
  ['https://shop.example.com:8443/a', 'https://shop.example.com:8443/a'],
  [`${WWW}/caf\u00e9`, `${WWW}/caf%C3%A9`],
  ['/orders', '/orders'],
])('a sign-in returns to %s [BFF-22]', async (returnTo, place) => {
  expect(await comesTo(open().browser(), returnTo)).toBe(place)
})

const ATTACKS = [
  'https://evil.example/',
  'https://www.example.com.evil.example/',
  'https://www.example.com@evil.example/',
  'https://www.example.com:443@evil.example/',
  'https://www.example.com:8443/',
  'https://www.example.com:443/',
  'https://evil.example/https://www.example.com/',
  'https://evil.example#https://www.example.com/',
  'https://evil.example\\@www.example.com/',
  'https://www.example.com\\@evil.example/',
  'https://www.example.com\\.evil.example/',
  'https://www.example.com%2eevil.example/',
  'https://www.example.com%2f@evil.example/',
  'https://www.example.com?@evil.example/',
  'https://www.example.com#@evil.example/',
  'https:/www.example.com/',
  'https:www.example.com/',
  'https:///www.example.com/',
  'HTTPS://www.example.com/',
  'https://WWW.example.com/',
  'http://www.example.com/',
  '//www.example.com/',
  'https://www.example.com//evil.example/',
  'https://www.example.com/\\evil.example',
  'https://www.example.com/\tx',
  'https://www.example.com/\r\nset-cookie: a=b',
  ' https://www.example.com/',
  'https://www.example.com/ x',
  '\u0000https://www.example.com/',
  'https://www.example\u3002com/',
  'javascript://www.example.com/%0aalert(1)',
  'data:text/html,x',
  `${WWW}/${'a'.repeat(2048)}`,
  'https://shop.example.com/a',
]

test.each(ATTACKS)('a sign-in does not begin for %j [BFF-22]', async (returnTo) => {
  expect(await comesTo(open().browser(), returnTo)).toBe('/?error=invalid_return_to')
})

test.each(ATTACKS)('a sign-out does not lead to %j [BFF-22]', async (returnTo) => {
  const { browser } = open()
  const user = browser()
  await user.signIn()
  const reply = await user.fetch('POST', `/bff/logout?returnTo=${encodeURIComponent(returnTo)}`)
  expect(reply.status).toBe(400)
})

test('a sign-out returns to an allowed origin by way of the provider [LGO-19]', async () => {
  const { browser } = open()
  const user = browser()
  await user.signIn()
  const out = await user.fetch('POST', `/bff/logout?returnTo=${encodeURIComponent(`${WWW}/bye`)}`)
  const state = new URL(JSON.parse(String(out.body)).logout_url).searchParams.get('state')
  const back = await user.navigate(`/bff/logout/callback?state=${state}`)
  expect(headerOf(back, 'location')).toBe(`${WWW}/bye`)
})

test('without the option no origin is allowed, the app’s own too', async () => {
  for (const returnTo of [`${WWW}/`, 'https://app.example.com/orders'])
    expect(await comesTo(world().browser(), returnTo)).toBe('/?error=invalid_return_to')
})

test('an attempt that began while an origin was allowed does not end there afterwards', async () => {
  const { bff, store, provider, clock } = open()
  const user = new Browser(bff)
  const begun = await user.navigate(`/bff/login?returnTo=${encodeURIComponent(`${WWW}/x`)}`)
  const state = new URL(headerOf(begun, 'location') ?? '').searchParams.get('state')
  const other = world({ encryptionKeys, store, provider, clock })
  const reply = await other.bff.handle(
    request('GET', `/bff/callback?code=c&state=${state}`, {
      ...user.cookieHeader,
      'sec-fetch-mode': 'navigate',
    }),
  )
  expect(reply && headerOf(reply, 'location')).toBe('/?error=login_expired')
})
