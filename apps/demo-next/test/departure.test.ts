import { expect, it } from 'vitest'
import { createDeparture } from '../src/lib/departure.ts'

function start() {
  const reasons: string[] = []
  const timers: (() => void)[] = []
  const departure = createDeparture(
    (reason) => reasons.push(reason),
    (work) => timers.push(work),
  )
  return { departure, reasons, timers }
}

it('A refused call that overtakes the event stream waits for the reason', () => {
  const { departure, reasons, timers } = start()
  departure.listening()
  departure.leave('invalid_session')
  expect(reasons).toEqual([])
  expect(departure.isWaiting).toBe(true)
  departure.leave('user_revoked')
  for (const elapse of timers) elapse()
  expect(reasons).toEqual(['user_revoked'])
})

it('The reason of a refused call counts when the stream closes without a word, or says none in time', () => {
  const [closed, silent] = [start(), start()]
  const close = closed.departure.listening()
  closed.departure.leave('no_session')
  close()
  expect(closed.reasons).toEqual(['no_session'])

  silent.departure.listening()
  silent.departure.leave('invalid_session')
  for (const elapse of silent.timers) elapse()
  expect(silent.reasons).toEqual(['invalid_session'])
})

it('Nothing waits without an event stream, or for a reason that is exact', () => {
  const [deaf, exact] = [start(), start()]
  deaf.departure.listening()()
  deaf.departure.leave('invalid_session')
  expect(deaf.reasons).toEqual(['invalid_session'])

  exact.departure.listening()
  exact.departure.leave('session_expired')
  exact.departure.leave('user_revoked')
  expect(exact.reasons).toEqual(['session_expired'])
})
