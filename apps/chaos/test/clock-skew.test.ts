import { expect, it } from 'vitest'
import { reachOf } from '../src/experiments/clock-skew.ts'
import type { Operation } from '../src/history/history.ts'

const signedIn = (process: number, at: number): Operation => ({
  kind: 'signIn',
  process,
  cookie: 'none',
  begin: at - 50,
  end: at,
  status: 200,
  code: null,
  outcome: 'ok',
  user: 'user-1',
  setsCookie: 'new',
})

it.each([
  ['the slow process', 0, -120_000],
  ['the process whose clock is right', 1, 0],
  ['the fast process', 2, 120_000],
])(
  'a logout token reaches the sessions that began by the clock of %s at most 30 s later',
  (_which, process, skewMs) => {
    const bound = 1_000_000 + skewMs - 30_000
    expect(reachOf(signedIn(process, 1_000_000), bound + 1_000)).toBe('certain')
    expect(reachOf(signedIn(process, 1_000_000), bound + 999)).toBe('possible')
    expect(reachOf(signedIn(process, 1_000_000), bound - 10_050)).toBe('possible')
    expect(reachOf(signedIn(process, 1_000_000), bound - 10_051)).toBe('none')
  },
)
