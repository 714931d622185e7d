import { manualClock } from '@bff/test-support/clock'
import { afterEach, beforeEach, expect, type MockInstance, test, vi } from 'vitest'
import type { BffEventDetail, SessionHandle } from '../src/index.ts'
import { createConsoleSink } from '../src/internal/console-sink.ts'

const about = { handle: 'AAAAAAAAAAAAAAAA' as SessionHandle, userId: 'alice' }

let warn: MockInstance<typeof console.warn>
beforeEach(() => {
  warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
})
afterEach(() => warn.mockRestore())

function sink() {
  const clock = manualClock()
  const write = createConsoleSink(clock)
  return { clock, write: (detail: BffEventDetail) => write({ ...detail, at: clock.now() }) }
}

const connectionRefused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:6379'), {
  code: 'ECONNREFUSED',
})
const down = (operation: string): BffEventDetail => ({
  type: 'store.unavailable',
  operation,
  cause: connectionRefused,
})

test('Each kind of failure is written once a minute, and the next line counts what was left out', async () => {
  const { clock, write } = sink()
  for (let call = 0; call < 1000; call++) write(down('get'))
  write(down('touch'))
  expect(warn.mock.calls.map(([text]) => text)).toEqual([
    '[bff] store.unavailable',
    '[bff] store.unavailable',
  ])
  await clock.advance(60_000)
  write(down('get'))
  expect(warn.mock.lastCall?.[0]).toBe('[bff] store.unavailable (999 more since the last line)')
})

test('A line has the cause with its code and what led to it', () => {
  const { write } = sink()
  // As Node reports a name whose every address refuses.
  const refused = Object.assign(new AggregateError([connectionRefused], 'every address refused'), {
    code: 'ECONNREFUSED',
  })
  write({
    type: 'provider.failed',
    operation: 'authorize',
    code: 'provider_unavailable',
    cause: new TypeError('fetch failed', { cause: refused }),
  })
  expect(warn.mock.lastCall?.[1]).toContain(
    'TypeError: fetch failed <- AggregateError ECONNREFUSED: every address refused <- Error ECONNREFUSED: connect ECONNREFUSED 127.0.0.1:6379',
  )
})

test('A refresh that brought the tokens of another user is written, because it is a fault of the provider', () => {
  const { write } = sink()
  write({ type: 'refresh.subject_mismatch', ...about })
  expect(warn).toHaveBeenCalledExactlyOnceWith('[bff] refresh.subject_mismatch', expect.any(String))
})

test('What a person chose, and what needs no operator, is not written', () => {
  const { write } = sink()
  write({ type: 'session.created', ...about })
  write({ type: 'session.unknown' })
  write({ type: 'refresh.terminal', code: 'refresh_rejected', ...about })
  write({ type: 'login.failed', code: 'login_expired', reason: 'BffError: too old', cause: null })
  expect(warn).not.toHaveBeenCalled()
  write({ type: 'login.failed', code: 'login_failed', reason: 'BffError: invalid_scope', cause: null })
  expect(warn).toHaveBeenCalledOnce()
})
