import type { Experiment } from './experiments/experiment.ts'
import { lostAnswerWithGrace } from './experiments/lost-answer.ts'
import { processKill } from './experiments/process-kill.ts'
import { signOutStorm } from './experiments/sign-out-storm.ts'
import { storeKill } from './experiments/store-kill.ts'
import type { StoreName } from './world/store.ts'

/** A run that is short enough for every change. */
export interface Turn {
  readonly experiment: Experiment
  readonly store: StoreName
  readonly durationMs: number
}

/** Those that meet their fault within seconds; each pair is one day's. */
const PAIRS: readonly (readonly [Turn, Turn])[] = [
  [
    { experiment: processKill, store: 'redis', durationMs: 5_000 },
    { experiment: signOutStorm, store: 'postgres', durationMs: 5_000 },
  ],
  [
    { experiment: lostAnswerWithGrace, store: 'redis', durationMs: 6_000 },
    { experiment: processKill, store: 'mysql', durationMs: 5_000 },
  ],
  [
    { experiment: signOutStorm, store: 'sqlite', durationMs: 5_000 },
    { experiment: storeKill, store: 'redis', durationMs: 1_000 },
  ],
  [
    { experiment: processKill, store: 'postgres', durationMs: 5_000 },
    { experiment: signOutStorm, store: 'redis', durationMs: 5_000 },
  ],
]

/** The two experiments of a day: all have had their turn after as many days as there are pairs. */
export function shortForm(day: number): readonly [Turn, Turn] {
  const [first] = PAIRS
  const pair = PAIRS[day % PAIRS.length] ?? first
  if (pair === undefined) throw new Error('The short form has no experiments.')
  return pair
}
