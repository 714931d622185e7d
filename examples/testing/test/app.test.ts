import { memoryStore } from '@bff/store-memory'
import { manualClock, recordEvents, signIn, startProvider, type TestProvider, withOutage } from '@bff/testing'
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest'
import { createApp } from '../src/app.ts'

const ORIGIN = 'http://localhost:3000'
const HOUR_MS = 3_600_000

let provider: TestProvider
beforeEach(async () => {
  provider = await startProvider({
    appOrigins: [ORIGIN],
    users: { alice: { name: 'Alice Liddell', role: 'admin' } },
  })
})
afterEach(() => provider.close())

async function start() {
  // The provider uses the clock of the machine.
  const clock = manualClock(Date.now())
  const store = withOutage(memoryStore())
  const events = recordEvents()
  const { issuer, clients } = provider
  const { onEvent } = events
  const { app, bff } = await createApp({ origin: ORIGIN, issuer, ...clients.basic, store, clock, onEvent })
  onTestFinished(() => app.close())
  return { app, bff, clock, store, events }
}

it('A signed-in user sees a profile with the claims of the provider', async () => {
  const { app, bff, events } = await start()
  const { headers } = await signIn(bff, 'alice')
  const profile = await app.inject({ url: '/profile', headers })
  expect(profile.json()).toEqual({ name: 'Alice Liddell', role: 'admin' })
  expect(events.only('login.succeeded').userId).toBe('alice')
  events.none('login.failed')
})

it('Nobody sees a profile without signing in', async () => {
  const { app } = await start()
  const profile = await app.inject({ url: '/profile', headers: { 'x-csrf': '1' } })
  expect(profile.statusCode).toBe(401)
})

it('A session expires after eight hours without use', async () => {
  const { app, bff, clock, events } = await start()
  const { headers } = await signIn(bff, 'alice')
  await clock.advance(8 * HOUR_MS + 1)
  const profile = await app.inject({ url: '/profile', headers })
  expect(profile.json()).toMatchObject({ error: 'session_expired' })
  expect(events.only('session.expired').limit).toBe('idle')
})

it('A store that is down signs nobody out', async () => {
  const { app, bff, store, events } = await start()
  const { headers } = await signIn(bff, 'alice')
  store.down = true
  expect((await app.inject({ url: '/profile', headers })).statusCode).toBe(503)
  expect(events.of('store.unavailable')).not.toEqual([])
  store.down = false
  expect((await app.inject({ url: '/profile', headers })).statusCode).toBe(200)
})

it('A provider that is down fails the sign-in and says why', async () => {
  const { bff, events } = await start()
  provider.fail('reset', 'all')
  await expect(signIn(bff, 'alice')).rejects.toThrow('provider_unavailable')
  expect(events.only('login.failed').code).toBe('provider_unavailable')
})

it('A user that the provider does not know is refused there', async () => {
  const { bff } = await start()
  await expect(signIn(bff, 'mallory')).rejects.toThrow('Nobody here is called “mallory”')
})
