import { testOptions } from '@bff/test-support/options'
import type { LogoutOptions } from '../../src/index.ts'
import { SHARED_PAUSE_MS } from '../../src/revocation/revocation-queue.ts'
import { headerOf, jsonOf, world } from '../world.ts'

async function signedIn(logout: LogoutOptions) {
  const all = world({ logout })
  const user = all.browser()
  await user.signIn()
  return { ...all, user }
}

testOptions<LogoutOptions>('LogoutOptions', {
  returnTo: {
    set: '/bye',
    /** By the sign-out link where the provider has no page for it, and on the way back from one that has. */
    async see(logout) {
      const { user, provider } = await signedIn(logout)
      provider.onEndSession = () => null
      const claims: { type: string; value: string }[] = jsonOf(await user.fetch('GET', '/bff/user'))
      const link = claims.find(({ type }) => type === 'bff:logout_url')?.value ?? ''
      const replies = [await user.navigate(link), await user.navigate('/bff/logout/callback')]
      return replies.map((reply) => headerOf(reply, 'location'))
    },
    shows: [
      ['/', '/'],
      ['/bye', '/bye'],
    ],
  },
  endProviderSession: {
    set: false,
    async see(logout) {
      const { user } = await signedIn(logout)
      return jsonOf(await user.fetch('POST', '/bff/logout')).logout_url ?? null
    },
    shows: ['https://idp.example.com/end', null],
  },
  revokeTokens: {
    set: 'always',
    async see(logout) {
      const { browser, user, provider, clock } = await signedIn(logout)
      const other = browser()
      await other.signIn()
      for (const one of [user, other]) {
        await one.fetch('POST', '/bff/logout')
        await clock.advance(SHARED_PAUSE_MS)
      }
      return provider.revoked
    },
    shows: [['refresh-2'], ['refresh-1', 'refresh-2']],
  },
})
