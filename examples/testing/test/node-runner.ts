import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { recordEvents, signIn, startProvider, type TestProvider } from '@bff/testing'
import { createApp } from '../src/app.ts'

const origin = 'http://localhost:3000'

// In a suite: the process ends its tests only when nothing listens any more, and `after` outside of a suite waits for that.
describe('The app', () => {
  const events = recordEvents()
  let provider: TestProvider
  let started: Awaited<ReturnType<typeof createApp>>

  before(async () => {
    provider = await startProvider({ appOrigins: [origin] })
    const { issuer, clients } = provider
    started = await createApp({ origin, issuer, ...clients.basic, onEvent: events.onEvent })
  })
  after(async () => {
    await started.app.close()
    await provider.close()
  })

  it('shows a signed-in user the own name', async () => {
    const { cookie } = await signIn(started.bff, 'bob')
    const page = await started.app.inject({ url: '/', headers: { cookie } })
    assert.match(page.body, /Hello bob/)
  })

  it('ends the session at a sign-out', async () => {
    const { headers } = await signIn(started.bff, 'bob')
    const revoked = events.next('session.revoked')
    const signedOut = await started.app.inject({ method: 'POST', url: '/bff/logout', headers })
    assert.equal(signedOut.statusCode, 200)
    assert.equal((await revoked).userId, 'bob')
  })
})
