import { describe, expect, it } from 'vitest'
import { EXPERIMENTS } from '../src/experiments/index.ts'
import { settingsOf, UsageError } from '../src/settings.ts'

describe('the command line', () => {
  it('runs everything for a minute each, with a seed it tells', () => {
    const { experiments, store, durationMs, seed } = settingsOf([])
    expect([experiments, store, durationMs]).toEqual([EXPERIMENTS, null, 60_000])
    expect(seed).toBeGreaterThan(0)
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
    expect(rest).toEqual({ store: 'redis', durationMs: 30_000, seed: 7, people: 3, program: null })
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
    [['--minutes', 'long'], 'number'],
    [['--wrong', '1'], 'wrong'],
  ])('says of %j what it takes instead', (args, remedy) => {
    expect(() => settingsOf(args)).toThrow(UsageError)
    expect(() => settingsOf(args)).toThrow(remedy)
  })
})
