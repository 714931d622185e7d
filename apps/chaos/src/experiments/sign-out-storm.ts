import type { Experiment } from './experiment.ts'

const PAUSE_MS = 400
/** The last ones need time to be refused everywhere. */
const CALM_MS = 1_000

export const signOutStorm: Experiment = {
  name: 'sign-out-storm',
  about: 'sign-outs by users and by the provider race calls, touches, rotations and refreshes',
  stores: ['redis', 'cluster', 'postgres', 'mysql', 'sqlite'],
  world: { accessTokenLifetime: 3 },
  profile: { signOut: 0.15, others: 0.08, refresh: 0.15, rotate: 0.08, burst: 0.2, pauseMs: 150 },
  async run({ world, load, random, goesOn, pause, report }) {
    let delivered = 0
    while (goesOn()) {
      const person = load.people[random.below(load.people.length)]
      if (person === undefined) break
      const ended = await person.endAll('logout token', async () => {
        const answer = await world.idp.backchannelLogout(person.name)
        delivered += answer.delivered
        if (answer.failed > 0)
          report(
            'logout token refused',
            `${answer.failed} of ${answer.failed + answer.delivered} logout tokens`,
          )
        return answer.delivered > 0 && answer.failed === 0
      })
      await load.bury(ended)
      await pause(PAUSE_MS)
    }
    await pause(CALM_MS)
    const acknowledged = world.recorder.sessions
      .flatMap(({ endings }) => endings)
      .filter((ending) => ending.acknowledged !== null).length
    return {
      'logout tokens': delivered,
      'sessions ended': acknowledged,
      refreshes: world.idp.stats.refreshes,
    }
  },
}
