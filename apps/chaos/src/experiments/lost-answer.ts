import type { Experiment, Scene } from './experiment.ts'

const SHARE = 0.2

/** Cuts some of the provider's answers to refreshes after it has rotated the token. */
async function cutAnswers({ world, random, goesOn, pause }: Scene) {
  const { provider, recorder } = world
  const before = provider.counts.cut
  await recorder.during('lost answers', async () => {
    await provider.cutWhen((answer) => answer.includes('"refresh_token"') && random.chance(SHARE))
    while (goesOn()) await pause(100)
    await provider.restore()
  })
  return { 'answers cut': provider.counts.cut - before, refreshes: world.idp.stats.refreshes }
}

export const lostAnswerWithGrace: Experiment = {
  name: 'lost-answer-grace',
  about:
    'cuts a fifth of the answers that bring new tokens; the provider takes the old one again for a while',
  stores: ['redis', 'sqlite'],
  world: { accessTokenLifetime: 3, reuseGrace: 30 },
  run: cutAnswers,
}

/** Each lost answer may cost its session, once: the user signs in again. */
const cuts = ({ world }: Scene): number => world.provider.counts.cut

export const lostAnswer: Experiment = {
  name: 'lost-answer',
  about: 'cuts a fifth of the answers that bring new tokens; the provider takes none of the old ones again',
  stores: ['redis', 'sqlite'],
  world: { accessTokenLifetime: 3 },
  allowedLosses: cuts,
  allowedReuse: cuts,
  run: cutAnswers,
}
