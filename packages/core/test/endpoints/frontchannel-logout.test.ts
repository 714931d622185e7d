import { expect, it } from 'vitest'
import { type FrontchannelLogoutOptions, frontchannelLogout } from '../../src/endpoints/index.ts'
import { headerOf, jsonOf, setCookies, world } from '../world.ts'

const ISSUER = 'https://idp.example.com'
const PATH = '/bff/frontchannel-logout'

async function signedIn(options: FrontchannelLogoutOptions = {}) {
  const all = world({ plugins: [frontchannelLogout(options)] })
  all.provider.subject = 'alice'
  all.provider.sid = 'sid-1'
  const browser = all.browser()
  await browser.signIn()
  const frame = (query: Record<string, string> | string, headers: Record<string, string> = {}) =>
    browser.fetch('GET', `${PATH}?${new URLSearchParams(query)}`, { 'x-csrf': '', ...headers })
  const isSignedIn = async () => jsonOf(await browser.fetch('GET', '/bff/session')).authenticated
  return { ...all, frame, isSignedIn }
}

it('The iss and sid of its sign-in end the session of the cookie, in a frame of the issuer alone', async () => {
  const { frame, isSignedIn, events } = await signedIn()
  const reply = await frame({ iss: ISSUER, sid: 'sid-1' }, { 'sec-fetch-dest': 'iframe' })
  expect(reply.status).toBe(200)
  expect(headerOf(reply, 'content-security-policy')).toContain(`frame-ancestors ${ISSUER}`)
  expect(headerOf(reply, 'cache-control')).toContain('no-store')
  expect(setCookies(reply)).toHaveLength(1)
  expect(await isSignedIn()).toBe(false)
  expect(events).toContainEqual(
    expect.objectContaining({ type: 'auth.logout', by: 'frontchannel', userId: 'alice' }),
  )
  expect(events).toContainEqual(
    expect.objectContaining({ type: 'session.revoked', reasonCode: 'frontchannel_logout' }),
  )
})

it.each([
  ['another issuer', { iss: 'https://other.example.com', sid: 'sid-1' }],
  ['another session id', { iss: ISSUER, sid: 'sid-2' }],
])('%s ends nothing, gets the same page, and is reported', async (_name, query) => {
  const { frame, isSignedIn, events } = await signedIn()
  const ended = await (await signedIn()).frame({ iss: ISSUER, sid: 'sid-1' })
  const reply = await frame(query)
  const bare = (page: unknown) => String(page).replaceAll(/nonce="[^"]*"/g, '')
  expect([reply.status, bare(reply.body)]).toEqual([200, bare(ended.body)])
  expect(headerOf(reply, 'content-security-policy')).toContain("frame-ancestors 'none'")
  expect(setCookies(reply)).toEqual([])
  expect(await isSignedIn()).toBe(true)
  expect(events).toContainEqual(expect.objectContaining({ type: 'logout.failed', code: 'bad_request' }))
})

it.each([
  ['no iss', 'sid=sid-1'],
  ['no sid', `iss=${ISSUER}`],
  ['an empty sid', `iss=${ISSUER}&sid=`],
  ['two of sid', `iss=${ISSUER}&sid=sid-1&sid=sid-1`],
])('%s is 400, and ends nothing', async (_name, query) => {
  const { frame, isSignedIn } = await signedIn()
  expect([(await frame(query)).status, await isSignedIn()]).toEqual([400, true])
})

it('An image, a link and a script of another page end nothing', async () => {
  const { frame, isSignedIn } = await signedIn()
  for (const destination of ['image', 'document', 'script', 'empty'])
    expect((await frame({ iss: ISSUER, sid: 'sid-1' }, { 'sec-fetch-dest': destination })).status).toBe(400)
  expect(await isSignedIn()).toBe(true)
})

it('Only the origins that the app names may show the frame, where it names some', async () => {
  const { frame } = await signedIn({ providerOrigins: ['https://logout.example.com'] })
  const policy = headerOf(await frame({ iss: ISSUER, sid: 'sid-1' }), 'content-security-policy')
  expect(policy).toContain('frame-ancestors https://logout.example.com')
  expect(policy).not.toContain(ISSUER)
})
