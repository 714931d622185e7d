import { expect, it } from 'vitest'
import { settingsOf } from '../src/settings.ts'
import { compare, type Sample, spreadOf } from '../src/summary.ts'

const sample = (requestsPerSecond: number, cpuPerRequest: number): Sample => ({
  requestsPerSecond,
  cpuPerRequest,
  userPerRequest: cpuPerRequest / 2,
  load: 1,
})

it('takes the middle value, or the mean of the two middle ones', () => {
  expect(spreadOf([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 })
  expect(spreadOf([4, 1, 3, 2])).toEqual({ median: 2.5, min: 1, max: 4 })
})

it('compares round by round, above 1 meaning that ours is faster', () => {
  const { throughput, cpu, user } = compare(
    [sample(100, 10), sample(50, 20)],
    [sample(80, 12.5), sample(40, 25)],
  )
  expect(throughput).toEqual({ median: 0.8, min: 0.8, max: 0.8 })
  expect(cpu).toEqual({ median: 0.8, min: 0.8, max: 0.8 })
  expect(user).toEqual({ median: 0.8, min: 0.8, max: 0.8 })
})

it('refuses settings that measure nothing, by name', () => {
  expect(() => settingsOf({ BENCH_ROUNDS: '0' })).toThrow('BENCH_ROUNDS')
  expect(settingsOf({ BENCH_SECONDS: '5' })).toMatchObject({ seconds: 5, rounds: 12 })
})
