import type { Operation, SessionHistory } from '../history/history.ts'
import type { Reach } from '../load/person.ts'
import type { Experiment } from './experiment.ts'

const SKEW_MS = 120_000
const HOUR_MS = 3_600_000
const WELL_MS = 12_000
const CROWD = 8
const OUTAGE_MS = 3_000

/** The outage before the step makes breakers and pauses measure across it. */
export const clockStep: Experiment = {
  name: 'clock-step',
  about:
    "sets the clocks of all processes back by an hour, and forth again, just after the provider's outage",
  stores: ['redis', 'sqlite'],
  world: { accessTokenLifetime: 5, reuseGrace: 60 },
  async run({ world: { processes, recorder, idp }, load, goesOn, pause }) {
    let steps = 0
    let refreshes = 0
    do {
      for (const step of [-HOUR_MS, HOUR_MS]) {
        await recorder.during('provider: 500', async () => {
          idp.fail('500', 'all')
          // Enough refusals for every process to stop asking for a while.
          await load.crowd('refresh', CROWD)
          await pause(OUTAGE_MS)
          for (const process of processes) process.stepClock(step)
          idp.fail('none')
        })
        steps += 1
        const before = idp.stats.refreshes
        await pause(WELL_MS)
        refreshes += idp.stats.refreshes - before
      }
    } while (goesOn())
    return { steps, 'refreshes after a step': refreshes }
  },
}

const SKEWS_MS = [-SKEW_MS, 0, SKEW_MS] as const
/** `clockToleranceMs` of `backchannelLogout()`, by default. */
const TOLERANCE_MS = 30_000
/** A logout token's time is in whole seconds, rounded down. */
const WHOLE_SECOND_MS = 1_000
/** How long after the request for it the provider may issue a logout token, on a busy machine. */
const ISSUE_MS = 10_000

/**
 * Whether a logout token ends a session when the provider is asked for the token at `askedAt`. docs/security.md: "a
 * logout token that names a user but no session ends the sessions that began before it was issued, by the clocks of the
 * provider and of the process that signed the user in", with a tolerance of 30 seconds. The provider's clock is right.
 */
export function reachOf({ begin, end, process }: Operation, askedAt: number): Reach {
  const skew = SKEWS_MS[process] ?? 0
  if (end + skew <= askedAt - WHOLE_SECOND_MS + TOLERANCE_MS) return 'certain'
  return begin + skew > askedAt + ISSUE_MS + TOLERANCE_MS ? 'none' : 'possible'
}

export const clockSkew: Experiment = {
  name: 'clock-skew',
  about:
    'the clocks of the three processes are two minutes slow, right and two minutes fast, and sessions are ended',
  stores: ['redis', 'postgres', 'sqlite'],
  world: { accessTokenLifetime: 600, skewsMs: SKEWS_MS, logoutTokensNameSession: false },
  profile: { signOut: 0.1, others: 0.1, rotate: 0.03, pauseMs: 200 },
  async run({ world: { idp, recorder }, load, random, goesOn, pause }) {
    let ended = 0
    const spared = new Set<SessionHistory>()
    while (goesOn()) {
      const person = load.people[random.below(load.people.length)]
      if (person === undefined) break
      const askedAt = recorder.now()
      const over = await person.endAll(
        'logout token',
        async () => {
          const answer = await idp.backchannelLogout(person.name)
          return answer.delivered > 0 && answer.failed === 0
        },
        ({ history }) => {
          const [signIn] = history.operations
          if (signIn === undefined) return 'possible'
          const reach = reachOf(signIn, askedAt)
          if (reach === 'none') spared.add(history)
          return reach
        },
      )
      ended += over.length
      await load.bury(over)
      await pause(1_000)
    }
    const signedOut = recorder.sessions
      .flatMap(({ endings }) => endings)
      .filter(({ by, acknowledged }) => by !== 'logout token' && acknowledged !== null).length
    return {
      'ended by a logout token': ended,
      'spared beyond the tolerance': spared.size,
      'signed out': signedOut,
    }
  },
}
