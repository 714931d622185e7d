import { testOptions } from '@bff/test-support/options'
import { BffError, type LoginOptions } from '../../src/index.ts'
import { headerOf, world } from '../world.ts'

testOptions<LoginOptions>('LoginOptions', {
  returnTo: {
    set: '/home',
    async see(login) {
      const user = world({ login }).browser()
      const started = await user.navigate('/bff/login')
      const state = new URL(headerOf(started, 'location') ?? '').searchParams.get('state')
      return headerOf(await user.navigate(`/bff/callback?code=c&state=${state}`), 'location')
    },
    shows: ['/', '/home'],
  },
  errorPath: {
    set: '/sorry?from=app',
    async see(login) {
      const { browser, provider } = world({ login })
      provider.onExchange = () => {
        throw new BffError('login_failed')
      }
      return headerOf(await browser().signIn(), 'location')
    },
    shows: ['/?error=login_failed', '/sorry?from=app&error=login_failed'],
  },
  keepParameters: {
    set: ['remember'],
    async see(login) {
      const seen: unknown[] = []
      const onCreateSession = (_draft: unknown, _request: unknown, kept: unknown) => void seen.push(kept)
      const { browser, provider } = world({ login, hooks: { onCreateSession } })
      const user = browser()
      const begun = await user.navigate('/bff/login?remember=1&other=2')
      const state = new URL(headerOf(begun, 'location') ?? '').searchParams.get('state')
      await user.navigate(`/bff/callback?code=c&state=${state}`)
      return [...seen, ...provider.asked]
    },
    shows: [
      [{}, {}],
      [{ remember: '1' }, {}],
    ],
  },
  transactionTtlMs: {
    set: 60_000,
    see: (login) =>
      Promise.all(
        [59_999, 60_001, 599_999, 600_001].map(async (ms) => {
          const { browser, clock } = world({ login })
          const user = browser()
          const state = await user.startSignIn('/orders')
          await clock.advance(ms)
          return headerOf(await user.navigate(`/bff/callback?code=c&state=${state}`), 'location')
        }),
      ),
    shows: [
      ['/orders', '/orders', '/orders', '/?error=login_expired'],
      ['/orders', '/?error=login_expired', '/?error=login_expired', '/?error=login_expired'],
    ],
  },
  maxPending: {
    set: 2,
    async see(login) {
      const user = world({ login }).browser()
      for (let tab = 0; tab < 6; tab++) await user.startSignIn()
      return user.cookies.size
    },
    shows: [4, 2],
  },
  parameters: {
    set: { prompt: 'login', ui_locales: 'de' },
    async see(login) {
      const { browser, provider } = world({ login })
      await browser().startSignIn()
      return provider.asked
    },
    shows: [[{}], [{ prompt: 'login', ui_locales: 'de' }]],
  },
})
