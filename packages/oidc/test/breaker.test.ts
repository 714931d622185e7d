import type { BffError } from '@bff/core'
import { describe, expect, it } from 'vitest'
import { createBreaker } from '../src/breaker.ts'
import { manualClock } from './support/manual-clock.ts'

function opened() {
  const clock = manualClock()
  const breaker = createBreaker(clock)
  for (let call = 0; call < 5; call += 1) breaker.admit().failed()
  return { clock, breaker }
}

const refused = (retryAfter: number) =>
  expect.objectContaining<Partial<BffError>>({ code: 'provider_unavailable', retryAfter })

describe('RFT-16 the breaker', () => {
  it('stays closed while failures do not follow each other', () => {
    const breaker = createBreaker(manualClock())
    for (let call = 0; call < 20; call += 1) {
      const permit = breaker.admit()
      if (call % 5 === 4) permit.succeeded()
      else permit.failed()
    }
    expect(() => breaker.admit()).not.toThrow()
  })

  it('doubles its pause with each failed probe, from 1 to 30 seconds', () => {
    const { clock, breaker } = opened()
    for (const seconds of [1, 2, 4, 8, 16, 30, 30]) {
      expect(() => breaker.admit()).toThrow(refused(seconds))
      clock.advance(seconds * 1000 - 1)
      expect(() => breaker.admit()).toThrow(refused(1))
      clock.advance(1)
      breaker.admit().failed()
    }
  })

  it('lets one probe through, and all again when it succeeds', () => {
    const { clock, breaker } = opened()
    clock.advance(1000)
    const probe = breaker.admit()
    expect(() => breaker.admit()).toThrow(refused(1))
    probe.succeeded()
    for (let call = 0; call < 4; call += 1) breaker.admit().failed()
    expect(() => breaker.admit()).not.toThrow()
  })

  it('an abandoned probe makes room for the next', () => {
    const { clock, breaker } = opened()
    clock.advance(1000)
    breaker.admit().abandoned()
    expect(() => breaker.admit()).not.toThrow()
  })

  it('late failures of calls from before do not open it further', () => {
    const clock = manualClock()
    const breaker = createBreaker(clock)
    const permits = Array.from({ length: 20 }, () => breaker.admit())
    for (const permit of permits) permit.failed()
    expect(() => breaker.admit()).toThrow(refused(1))
  })

  it('takes the first verdict on a call only', () => {
    const breaker = createBreaker(manualClock())
    const permit = breaker.admit()
    for (let call = 0; call < 9; call += 1) permit.failed()
    expect(() => breaker.admit()).not.toThrow()
  })
})
