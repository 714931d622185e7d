import { manualClock } from '@bff/test-support/clock'
import { expect, test } from 'vitest'
import { memoryStore } from '../../store-memory/src/index.ts'
import { BffError, type BffEvent, createBff, generateEncryptionKey, systemClock } from '../src/index.ts'
import { withCreationRate } from '../src/store/index.ts'
import { harness, LIFE_MS, OPTIONS } from './refresh/harness.ts'
import { world } from './world.ts'

const HOUR = 3_600_000
const unavailable = () => {
  throw new BffError('provider_unavailable')
}

test.each([
  ['back', -100_000],
  ['forth', 100_000],
])('A refresh is tried again after ten seconds though the clock was set %s meanwhile', async (_way, step) => {
  const { clock, provider, process, signIn } = harness()
  const session = await signIn()
  const refresher = process()
  provider.script.push(unavailable)
  await clock.advance(LIFE_MS - 120_000)
  expect(await clock.run(refresher.ensureFresh(session))).toBe(session)
  clock.step(step)
  await clock.advance(9_000)
  expect(await refresher.ensureFresh(session)).toBe(session)
  expect(provider.calls).toHaveLength(1)
  await clock.advance(1_000)
  expect(await clock.run(refresher.ensureFresh(session))).toMatchObject({ version: 2 })
})

test('Waiting for a refresh elsewhere ends after waitMs though the clock was set back', async () => {
  const { clock, stores, process, signIn } = harness()
  const session = await signIn()
  await stores.ttl.set(`refresh:${session.handle}`, 'another process', 10 * HOUR)
  await clock.advance(LIFE_MS + 1)
  const asked = clock.monotonic()
  const waiting = process().refresh(session)
  waiting.catch(() => {})
  await clock.advance(1_000)
  clock.step(-HOUR)
  await expect(clock.run(waiting)).rejects.toMatchObject({ code: 'refresh_busy' })
  expect(clock.monotonic() - asked).toBeLessThan(OPTIONS.waitMs + 1_000)
})

test('A token the API refuses is replaced though the clock was set back after it was issued', async () => {
  const { clock, provider, upstream, browser } = world()
  const alice = browser()
  await alice.signIn()
  await clock.advance(11_000)
  clock.step(-HOUR)
  upstream.status = 401
  await alice.fetch('GET', '/api/orders')
  expect(provider.calls).toContain('refresh')
  expect(upstream.requests).toHaveLength(2)
})

test('A surge of new sessions is measured by the time that passed, whatever the clock was set to', async () => {
  const clock = manualClock()
  const events: BffEvent[] = []
  const onEvent = (event: BffEvent) => events.push(event)
  const store = withCreationRate(memoryStore({ clock }), { max: 5, windowMs: 60_000, onEvent, clock })
  const encryptionKeys = [generateEncryptionKey()]
  const bff = createBff({ origin: 'https://app.example', store, encryptionKeys, clock, onEvent: () => {} })
  for (let sessions = 0; sessions < 6; sessions++) {
    await bff.sessions.create({ userId: 'alice' })
    await clock.advance(60_000)
    clock.step(-60_000)
  }
  expect(events).toEqual([])
})

test('The system clock measures durations that never go back', async () => {
  const before = systemClock.monotonic()
  await systemClock.sleep(1)
  expect(systemClock.monotonic()).toBeGreaterThan(before)
  expect(Math.abs(systemClock.monotonic() - Date.now())).toBeGreaterThan(HOUR)
})
