import { describe, expect, it } from 'vitest'
import { EXPERIMENTS } from '../src/experiments/index.ts'
import { settingsOf, UsageError } from '../src/settings.ts'

describe('the command line', () => {
  it('runs everything for a minute each, with a seed it tells', () => {
    const { experiments, store, durationMs, seed } = settingsOf([])
    expect([store, durationMs]).toEqual([null, 60_000])
    expect(experiments).toEqual(EXPERIMENTS.filter(({ name }) => name !== 'rolling-upgrade'))
    expect(seed).toBeGreaterThan(0)
  })

  it('runs the experiments of two versions too when it has an earlier one', () => {
    expect(settingsOf(['--earlier', 'serve.js']).experiments).toEqual(EXPERIMENTS)
  })

  it('takes one experiment, one store, a time, a seed and a number of people', () => {
    const args = [
      '--only',
      'store-network',
      '--store',
      'redis',
      '--minutes',
      '0.5',
      '--seed',
      '7',
      '--people',
      '3',
    ]
    const { experiments, ...rest } = settingsOf(args)
    expect(experiments.map(({ name }) => name)).toEqual(['store-network'])
    expect(rest).toEqual({
      store: 'redis',
      durationMs: 30_000,
      seed: 7,
      people: 3,
      program: null,
      earlier: null,
    })
  })

  it('runs on one store whatever can run there', () => {
    const { experiments } = settingsOf(['--store', 'cluster'])
    expect(experiments.every(({ stores }) => stores.includes('cluster'))).toBe(true)
    expect(experiments.length).toBeGreaterThan(1)
  })

  it.each([
    [['--only', 'nothing'], 'process-kill'],
    [['--store', 'oracle'], 'postgres'],
    [['--only', 'backend-kill', '--store', 'redis'], 'postgres only'],
    [['--only', 'rolling-upgrade'], 'needs --earlier'],
    [['--minutes', 'long'], 'number'],
    [['--wrong', '1'], 'wrong'],
  ])('says of %j what it takes instead', (args, remedy) => {
    expect(() => settingsOf(args)).toThrow(UsageError)
    expect(() => settingsOf(args)).toThrow(remedy)
  })
})
