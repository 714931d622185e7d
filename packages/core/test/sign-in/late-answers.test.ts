import { expect, test } from 'vitest'
import { silentLogin } from '../../src/endpoints/index.ts'
import { BffError, type SessionHandle } from '../../src/index.ts'
import { Browser, jsonOf, setCookies, world } from '../world.ts'

const SESSION = '__Host-Http-bff'

async function signedIn(config: Parameters<typeof world>[0] = {}) {
  const all = world(config)
  const user = all.browser()
  await user.signIn()
  const id = user.cookies.get(SESSION) ?? ''
  return { ...all, user, id, handle: id.slice(0, 16) as SessionHandle }
}

const CALLS = [
  ['GET', '/bff/session'],
  ['GET', '/bff/user'],
  ['POST', '/bff/refresh'],
  ['GET', '/api/orders'],
  ['POST', '/bff/logout'],
] as const

test.each(CALLS)(
  'a %s %s that is judged after another tab signed in again takes no cookie away',
  async (...call) => {
    const { user, bff } = await signedIn()
    const late = user.view(...call)
    await user.signIn()
    const cookie = user.cookies.get(SESSION)
    const reply = await bff.handle(late)
    expect(reply && setCookies(reply)).toEqual([])
    const own = bff.errorReply(await bff.requireSession(late).catch((error: unknown) => error))
    expect([own.status, setCookies(own)]).toEqual([401, []])
    expect(jsonOf(await user.fetch('GET', '/bff/session')).authenticated).toBe(true)
    expect(user.cookies.get(SESSION)).toBe(cookie)
  },
)

test.each(CALLS)(
  'a %s %s with the cookie of an expired session, after signing in again, takes none away',
  async (...call) => {
    const { user, bff, clock } = await signedIn()
    await clock.advance(28_800_001)
    const late = user.view(...call)
    await user.signIn()
    const reply = await bff.handle(late)
    expect(reply && setCookies(reply)).toEqual([])
  },
)

test('a refresh that ends while another tab signs in again takes no cookie away', async () => {
  const { user, bff, provider } = await signedIn()
  let reject = () => {}
  provider.onRefresh = () =>
    new Promise<void>((_resolve, fail) => {
      reject = () => fail(new BffError('refresh_rejected'))
    })
  const late = bff.handle(user.view('POST', '/bff/refresh'))
  await user.signIn()
  expect(provider.calls).toContain('refresh')
  reject()
  const reply = await late
  expect([reply?.status, reply && setCookies(reply)]).toEqual([401, []])
})

test('of two sign-outs at once one takes the cookie away; a sign-out of a session that others ended takes none', async () => {
  const { user, bff, handle } = await signedIn()
  const out = () => bff.handle(user.view('POST', '/bff/logout'))
  const replies = await Promise.all([out(), out()])
  expect(replies.map((reply) => reply?.status)).toEqual([200, 200])
  expect(replies.flatMap((reply) => (reply ? setCookies(reply) : []))).toHaveLength(1)
  const other = await signedIn()
  await other.bff.sessions.revoke(other.handle)
  expect(setCookies(await other.user.fetch('POST', '/bff/logout'))).toEqual([])
  expect(handle).not.toBe(other.handle)
})

test('a silent sign-in that fails over a dead session takes no cookie away', async () => {
  const { user, bff, handle, provider } = await signedIn({ plugins: [silentLogin()] })
  await bff.sessions.revoke(handle)
  provider.onAuthorize = () => {
    throw new BffError('provider_unavailable')
  }
  const reply = await user.navigate('/bff/silent-login', {
    'sec-fetch-dest': 'iframe',
    'sec-fetch-site': 'same-origin',
  })
  expect([reply.body, setCookies(reply)]).toEqual([expect.stringContaining('"isLoggedIn":false'), []])
})

/** Rotates as the app does after a step-up; the id before. */
async function rotate({ user, bff }: Awaited<ReturnType<typeof signedIn>>): Promise<string> {
  const before = user.cookies.get(SESSION) ?? ''
  const session = await bff.getSession(user.view('GET', '/'))
  const rotated = session && (await bff.sessions.rotate(session))
  user.keep(rotated?.cookie ?? '')
  return before
}

const statusWith = async (all: Awaited<ReturnType<typeof signedIn>>, id: string) => {
  const late = new Browser(all.bff)
  late.cookies.set(SESSION, id)
  return (await late.fetch('GET', '/api/orders')).status
}

test('requests under way are served through several rotations, each for its own grace', async () => {
  const all = await signedIn()
  const ids: string[] = []
  for (let rotation = 0; rotation < 4; rotation++) {
    ids.push(await rotate(all))
    await all.clock.advance(5_000)
  }
  for (const id of [...ids, all.user.cookies.get(SESSION) ?? '']) expect(await statusWith(all, id)).toBe(200)
  expect(all.events.map(({ type }) => type)).not.toContain('session.theft')
})

test('a secret from before several rotations is a theft after its grace, though newer ones are in theirs', async () => {
  const all = await signedIn()
  const first = await rotate(all)
  await all.clock.advance(20_000)
  const second = await rotate(all)
  await all.clock.advance(10_001)
  expect(await statusWith(all, second)).toBe(200)
  expect(await statusWith(all, first)).toBe(401)
  expect(all.events).toContainEqual(expect.objectContaining({ type: 'session.theft', handle: all.handle }))
  expect(await statusWith(all, all.user.cookies.get(SESSION) ?? '')).toBe(401)
})

test('a secret a session never had ends nothing, rotated or not', async () => {
  const all = await signedIn()
  for (let rotation = 0; rotation < 3; rotation++) {
    expect(await statusWith(all, all.handle + 'A'.repeat(27))).toBe(401)
    await rotate(all)
  }
  expect(await statusWith(all, all.user.cookies.get(SESSION) ?? '')).toBe(200)
})

test('a store that does not answer while a rotation is remembered leaves the session as it was', async () => {
  const all = await signedIn()
  await rotate(all)
  all.store.ttl.set = async () => {
    throw new BffError('store_unavailable')
  }
  await expect(rotate(all)).rejects.toMatchObject({ code: 'store_unavailable' })
  expect(await statusWith(all, all.user.cookies.get(SESSION) ?? '')).toBe(200)
})
