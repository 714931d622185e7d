import type { BffError } from '@bff/core'
import { manualClock } from '@bff/test-support/clock'
import { describe, expect, it } from 'vitest'
import { type Breaker, createBreaker } from '../src/breaker.ts'

const USERS = ['alice', 'bob', 'carol', 'dave', 'erin']

function breakerAfter(failuresOf: readonly string[]) {
  const clock = manualClock()
  const breaker = createBreaker(clock)
  for (const source of failuresOf) breaker.admit(source).failed(null)
  return { clock, breaker }
}

const openFor = (source: string) => breakerAfter(Array.from({ length: 5 }, () => source))
const openForAll = () => breakerAfter(USERS)

const refused = (retryAfter: number) =>
  expect.objectContaining<Partial<BffError>>({ code: 'provider_unavailable', retryAfter })

/** Milliseconds until the breaker admits a call of `source`. */
function waitOf(breaker: Breaker, clock: ReturnType<typeof manualClock>, source: string): number {
  for (let waited = 0; ; waited += 100) {
    try {
      breaker.admit(source).abandoned()
      return waited
    } catch {
      clock.jump(100)
    }
  }
}

describe('The breaker and one source of failures', () => {
  it('admits it while its failures do not follow each other [RFT-16]', () => {
    const breaker = createBreaker(manualClock())
    for (let call = 0; call < 20; call += 1) {
      const permit = breaker.admit('alice')
      if (call % 5 === 4) permit.succeeded()
      else permit.failed(null)
    }
    expect(() => breaker.admit('alice')).not.toThrow()
  })

  it('doubles its pause with each failed probe, from 1 to 8 seconds [RFT-16]', () => {
    const { clock, breaker } = openFor('alice')
    for (const seconds of [1, 2, 4, 8, 8]) {
      expect(() => breaker.admit('alice')).toThrow(refused(seconds))
      clock.jump(seconds * 1000 - 1)
      expect(() => breaker.admit('alice')).toThrow(refused(1))
      clock.jump(1)
      breaker.admit('alice').failed(null)
    }
  })

  it('lets one probe through, and all again when it succeeds [RFT-16]', () => {
    const { clock, breaker } = openFor('alice')
    clock.jump(1000)
    const probe = breaker.admit('alice')
    expect(() => breaker.admit('alice')).toThrow(refused(1))
    probe.succeeded()
    for (let call = 0; call < 4; call += 1) breaker.admit('alice').failed(null)
    expect(() => breaker.admit('alice')).not.toThrow()
  })

  it('lets another probe through a pause later while the first one hangs', () => {
    const { clock, breaker } = openFor('alice')
    clock.jump(1000)
    const hanging = breaker.admit('alice')
    clock.jump(1000)
    breaker.admit('alice').succeeded()
    hanging.failed(null)
    expect(() => breaker.admit('alice')).not.toThrow()
  })

  it('counts the pause after a probe that hung from when the probe began', () => {
    const { clock, breaker } = openFor('alice')
    clock.jump(1000)
    const hanging = breaker.admit('alice')
    clock.jump(10_000)
    hanging.failed(null)
    expect(() => breaker.admit('alice')).not.toThrow()
  })

  it('makes room for the next probe when one is abandoned [RFT-16]', () => {
    const { clock, breaker } = openFor('alice')
    clock.jump(1000)
    breaker.admit('alice').abandoned()
    expect(() => breaker.admit('alice')).not.toThrow()
  })

  it('does not open further for late failures of calls from before [RFT-16]', () => {
    const breaker = createBreaker(manualClock())
    const permits = Array.from({ length: 20 }, () => breaker.admit('alice'))
    for (const permit of permits) permit.failed(null)
    expect(() => breaker.admit('alice')).toThrow(refused(1))
  })

  it('takes the first verdict on a call only [RFT-16]', () => {
    const breaker = createBreaker(manualClock())
    const permit = breaker.admit('alice')
    for (let call = 0; call < 9; call += 1) permit.failed(null)
    expect(() => breaker.admit('alice')).not.toThrow()
  })

  it('never holds back anybody else, however often and however long it fails', () => {
    const clock = manualClock()
    const breaker = createBreaker(clock)
    for (let call = 0; call < 1_000; call += 1) {
      try {
        breaker.admit('mallory').failed(3600)
      } catch {
        clock.jump(50)
      }
      expect(() => breaker.admit('alice').abandoned()).not.toThrow()
      expect(() => breaker.check()).not.toThrow()
    }
  })
})

describe('The breaker and failures of many sources', () => {
  it('holds back everybody after five of them with no success in between, and until a probe succeeds', () => {
    const { clock, breaker } = openForAll()
    expect(() => breaker.admit('frank')).toThrow(refused(1))
    expect(() => breaker.check()).toThrow(refused(1))
    clock.jump(1000)
    const probe = breaker.admit('frank')
    expect(() => breaker.admit('grace')).toThrow(refused(1))
    probe.succeeded()
    for (const source of [...USERS, 'grace']) expect(() => breaker.admit(source)).not.toThrow()
  })

  it('holds back nobody while anybody succeeds in between', () => {
    const { breaker } = breakerAfter(USERS.slice(1))
    breaker.admit('frank').succeeded()
    for (const source of USERS.slice(1)) breaker.admit(source).failed(null)
    expect(() => breaker.admit('alice')).not.toThrow()
  })

  it('lets the one whose probe failed not be the next to probe', () => {
    const { clock, breaker } = openForAll()
    for (const pause of [1000, 2000, 4000]) {
      clock.jump(pause)
      try {
        breaker.admit('mallory').failed(null)
      } catch {
        breaker.admit('alice').succeeded()
      }
    }
    expect(() => breaker.admit('alice')).not.toThrow()
  })

  it.each([
    ['all of them', 'alice', 10_000],
    ['one of them', 'mallory', 10_000],
  ])(
    'finds within ten seconds that the provider is well again, after an outage of %s',
    (_who, source, limit) => {
      const { clock, breaker } = source === 'alice' ? openForAll() : openFor('mallory')
      for (let second = 0; second < 300; second += 1) {
        clock.jump(1000)
        for (const user of source === 'alice' ? USERS : ['mallory'])
          try {
            breaker.admit(user).failed(3600)
          } catch {}
      }
      expect(waitOf(breaker, clock, source)).toBeLessThanOrEqual(limit - 1_000)
    },
  )

  it.each([
    ['back by an hour', -3_600_000],
    ['forth by an hour', 3_600_000],
  ])('keeps its pauses when the clock is set %s', (_way, step) => {
    const { clock, breaker } = openForAll()
    clock.step(step)
    expect(() => breaker.admit('frank')).toThrow(refused(1))
    clock.jump(1000)
    expect(() => breaker.admit('frank')).not.toThrow()
  })

  it('heeds Retry-After up to its longest pause', () => {
    const clock = manualClock()
    const breaker = createBreaker(clock)
    for (const source of USERS) breaker.admit(source).failed(3)
    expect(() => breaker.admit('frank')).toThrow(refused(3))
    clock.jump(3000)
    breaker.admit('frank').failed(3600)
    expect(() => breaker.admit('grace')).toThrow(refused(4))
  })
})
