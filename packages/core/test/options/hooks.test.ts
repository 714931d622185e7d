import { testOptions } from '@bff/test-support/options'
import type { Hooks } from '../../src/index.ts'
import { jsonOf, world } from '../world.ts'

type Metadata = Readonly<Record<string, unknown>>

let told: string[] = []

/** What the hook was told while `act` went on, in a browser that is signed in. */
async function toldOf(
  hooks: Hooks<Metadata>,
  act: (all: Awaited<ReturnType<typeof signedIn>>) => Promise<unknown>,
) {
  told = []
  await act(await signedIn(hooks))
  return told
}

async function signedIn(hooks: Hooks<Metadata>) {
  const all = world({ hooks })
  const user = all.browser()
  await user.signIn()
  return { ...all, user }
}

testOptions<Hooks<Metadata>>('Hooks', {
  onCreateSession: {
    set: ({ userId, userAgent }, { target }) => ({
      organizationId: `org of ${userId}`,
      deviceId: `${userAgent} at ${target.split('?')[0]}`,
    }),
    async see(hooks) {
      const { bff, user } = await signedIn(hooks)
      const session = await bff.getSession(user.view('GET', '/'))
      return [session?.organizationId, session?.deviceId]
    },
    shows: [
      [null, null],
      ['org of alice', 'null at /bff/callback'],
    ],
  },
  onSessionLoad: {
    set: ({ userId }, { target }) => {
      if (target === '/api/orders') throw new Error(`${userId} is suspended`)
    },
    async see(hooks) {
      const { user } = await signedIn(hooks)
      return [(await user.fetch('GET', '/bff/user')).status, (await user.fetch('GET', '/api/orders')).status]
    },
    shows: [
      [200, 200],
      [200, 401],
    ],
  },
  onSessionExpired: {
    set: ({ userId }, { target }) => void told.push(`${userId} ${target}`),
    see: (hooks) =>
      toldOf(hooks, async ({ user, clock }) => {
        await clock.advance(28_800_001)
        await user.fetch('GET', '/bff/user')
      }),
    shows: [[], ['alice /bff/user']],
  },
  onSessionInvalid: {
    set: ({ target }) => void told.push(target),
    see: (hooks) =>
      toldOf(hooks, async ({ user }) => {
        user.cookies.set('__Host-Http-bff', 'A'.repeat(43))
        await user.fetch('GET', '/bff/user')
      }),
    shows: [[], ['/bff/user']],
  },
  onNoSession: {
    set: ({ target }) => void told.push(target),
    see: (hooks) => toldOf(hooks, ({ browser }) => browser().fetch('GET', '/bff/user')),
    shows: [[], ['/bff/user']],
  },
  onRefresh: {
    set: async (session) => void told.push(`${session.userId} ${(await session.tokens())?.accessToken}`),
    see: (hooks) =>
      toldOf(hooks, async ({ user, clock }) => {
        await user.fetch('POST', '/bff/refresh')
        await clock.settle()
      }),
    shows: [[], ['alice access-2']],
  },
  onUserClaims: {
    set: ({ name }, { userId }, { target }) => ({ nickname: `${name} (${userId}) for ${target}` }),
    async see(hooks) {
      const { user } = await signedIn(hooks)
      const claims: { type: string; value: unknown }[] = jsonOf(await user.fetch('GET', '/bff/user'))
      return claims.filter(({ type }) => type.endsWith('name')).map(({ type, value }) => [type, value])
    },
    shows: [[['name', 'Alice']], [['nickname', 'Alice (alice) for /bff/user']]],
  },
  onLogout: {
    set: ({ userId }) => void told.push(userId),
    see: (hooks) => toldOf(hooks, ({ user }) => user.fetch('POST', '/bff/logout')),
    shows: [[], ['alice']],
  },
})
