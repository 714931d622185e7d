import { describe, expect, it } from 'vitest'
import { type BffConfig, BffError } from '../../src/index.ts'
import { SHARED_PAUSE_MS } from '../../src/revocation/revocation-queue.ts'
import { headerOf, jsonOf, world } from '../world.ts'

async function refused(
  config: Partial<BffConfig>,
  change: (all: ReturnType<typeof world>) => void = () => {},
) {
  const all = world(config)
  change(all)
  const user = all.browser()
  const reply = await user.signIn()
  await all.clock.advance(SHARED_PAUSE_MS)
  return { ...all, user, landed: headerOf(reply, 'location') }
}

const employeesOnly: Partial<BffConfig> = {
  hooks: {
    onCreateSession: () => {
      throw new Error('Only employees may sign in.')
    },
  },
}

const outage = async (): Promise<never> => {
  throw new BffError('store_unavailable')
}

describe('a sign-in refused after its tokens were issued', () => {
  it('by a hook lands with a code of its own, makes no session, and its refresh token is revoked [S1-15]', async () => {
    const { landed, store, provider, events, user } = await refused(employeesOnly)
    expect([landed, store.count(), provider.revoked]).toEqual(['/?error=sign_in_refused', 0, ['refresh-1']])
    expect(events).toContainEqual(expect.objectContaining({ type: 'login.failed', code: 'sign_in_refused' }))
    expect(user.cookies.size).toBe(0)
  })

  it('by a hook answers a script 403, without the hook’s words [S1-15]', async () => {
    const user = world(employeesOnly).browser()
    const state = await user.startSignIn()
    const reply = await user.fetch('GET', `/bff/callback?code=c&state=${state}`)
    expect([reply.status, jsonOf(reply).error]).toEqual([403, 'sign_in_refused'])
    expect(reply.body).not.toContain('employees')
  })

  it('by a hook’s own BffError keeps its code [S1-15]', async () => {
    const { landed, provider } = await refused({
      hooks: {
        onCreateSession: () => {
          throw new BffError('rate_limited')
        },
      },
    })
    expect([landed, provider.revoked]).toEqual(['/?error=rate_limited', ['refresh-1']])
  })

  it('by a store that cannot keep the session revokes its token too', async () => {
    const { landed, provider } = await refused({}, ({ store }) => {
      store.sessions.create = outage
    })
    expect([landed, provider.revoked]).toEqual(['/?error=store_unavailable', ['refresh-1']])
  })

  it('by a plugin once the session is stored leaves no session behind', async () => {
    const { landed, provider, bff } = await refused({
      plugins: [
        () => ({
          async onSignIn() {
            throw new BffError('login_expired')
          },
        }),
      ],
    })
    expect([landed, provider.revoked]).toEqual(['/?error=login_expired', ['refresh-1']])
    expect(await bff.sessions.countActive({ userId: 'alice' })).toBe(0)
  })

  it('whose tokens the provider itself discards are revoked as it says', async () => {
    const issuer = 'https://idp.example.com'
    const { landed, provider } = await refused({}, (all) => {
      all.provider.exchange = async (callback) => {
        callback?.onRefused?.({ refreshToken: 'discarded', dpopKeyPair: null, issuer, subject: 'alice' })
        throw new BffError('provider_misconfigured')
      }
    })
    expect([landed, provider.revoked]).toEqual(['/?error=provider_misconfigured', ['discarded']])
  })

  it('leaves the token alone where a living session of the user may share its grant', async () => {
    let isClosed = false
    const { browser, clock, provider } = world({
      hooks: {
        onCreateSession: () => {
          if (isClosed) throw new Error('closed')
          return undefined
        },
      },
    })
    await browser().signIn()
    isClosed = true
    await browser().signIn()
    await clock.advance(SHARED_PAUSE_MS)
    expect(provider.revoked).toEqual([])
  })
})
