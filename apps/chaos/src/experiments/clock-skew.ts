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

export const clockSkew: Experiment = {
  name: 'clock-skew',
  about:
    'the clocks of the three processes are two minutes slow, right and two minutes fast, and sessions are ended',
  stores: ['redis', 'postgres', 'sqlite'],
  world: { accessTokenLifetime: 600, skewsMs: [-SKEW_MS, 0, SKEW_MS], logoutTokensNameSession: false },
  profile: { signOut: 0.1, others: 0.1, rotate: 0.03, pauseMs: 200 },
  async run({ world, load, random, goesOn, pause }) {
    let delivered = 0
    while (goesOn()) {
      const person = load.people[random.below(load.people.length)]
      if (person === undefined) break
      const ended = await person.endAll('logout token', async () => {
        const answer = await world.idp.backchannelLogout(person.name)
        delivered += answer.delivered
        return answer.delivered > 0 && answer.failed === 0
      })
      await load.bury(ended)
      await pause(1_000)
    }
    const acknowledged = world.recorder.sessions
      .flatMap(({ endings }) => endings)
      .filter((ending) => ending.acknowledged !== null).length
    return { 'logout tokens': delivered, 'sessions ended': acknowledged }
  },
}
