import { testOptions } from '@bff/test-support/options'
import { type SessionCookieOptions, sessionCookie } from '../../src/compose/index.ts'
import { embedding } from '../../src/embedding/index.ts'
import type { CookieOptions } from '../../src/index.ts'
import { ORIGIN, request, setCookies, world } from '../world.ts'

/** What a sign-in sets: the session cookie, and takes away: that of the attempt. Without values, handles and times. */
async function signInSets(cookie: CookieOptions): Promise<string[]> {
  const reply = await world({ cookie }).browser().signIn()
  return setCookies(reply).map((text) =>
    text.replace(/(-login)?(?:-[\w-]{16})?=[\w-]*;.*(?=SameSite)/, '$1 '),
  )
}

testOptions<CookieOptions>('CookieOptions', {
  name: {
    set: 'app',
    see: signInSets,
    shows: [
      ['__Host-Http-bff SameSite=Strict', '__Host-Http-bff-login SameSite=Lax'],
      ['app SameSite=Strict', 'app-login SameSite=Lax'],
    ],
  },
  sameSite: {
    set: 'lax',
    see: signInSets,
    shows: [
      ['__Host-Http-bff SameSite=Strict', '__Host-Http-bff-login SameSite=Lax'],
      ['__Host-Http-bff SameSite=Lax', '__Host-Http-bff-login SameSite=Lax'],
    ],
  },
  partitioned: {
    set: true,
    see: async ({ partitioned }) => {
      const embeds = {
        cookie: { sameSite: 'none', partitioned: true },
        plugins: [embedding({ ancestors: [ORIGIN] })],
      } as const
      const reply = await world(partitioned ? embeds : {})
        .browser()
        .signIn()
      return (setCookies(reply)[0] ?? '').replace(/^.*Secure/, '')
    },
    shows: ['; SameSite=Strict', '; SameSite=None; Partitioned'],
  },
  persistent: {
    set: false,
    see: async (cookie) =>
      (setCookies(await world({ cookie }).browser().signIn())[0] ?? '').replace(/=[\w-]+;/, ''),
    shows: [
      '__Host-Http-bff Path=/; Max-Age=604800; HttpOnly; Secure; SameSite=Strict',
      '__Host-Http-bff Path=/; HttpOnly; Secure; SameSite=Strict',
    ],
  },
})

const cleared = (options: Partial<SessionCookieOptions>) =>
  sessionCookie({ origin: ORIGIN, ...options }).clear()
const GONE = 'Path=/; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly'

testOptions<SessionCookieOptions>('SessionCookieOptions', {
  origin: {
    set: 'http://localhost:3000',
    see: cleared,
    shows: [`__Host-Http-bff=; ${GONE}; Secure; SameSite=Strict`, `bff=; ${GONE}; SameSite=Strict`],
  },
  name: {
    set: 'app',
    see: (options) =>
      sessionCookie({ origin: ORIGIN, ...options }).read(
        request('GET', '/', { cookie: '__Host-Http-bff=first; app=second' }),
      ),
    shows: ['first', 'second'],
  },
  sameSite: {
    set: 'lax',
    see: cleared,
    shows: [
      `__Host-Http-bff=; ${GONE}; Secure; SameSite=Strict`,
      `__Host-Http-bff=; ${GONE}; Secure; SameSite=Lax`,
    ],
  },
  clock: {
    set: { now: () => 1_000_000 },
    see: (options) =>
      sessionCookie({ origin: ORIGIN, ...options })
        .set('id', 1_060_000)
        .split('; ')[2],
    shows: ['Max-Age=0', 'Max-Age=60'],
  },
})
