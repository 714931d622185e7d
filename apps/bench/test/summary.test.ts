import { expect, it } from 'vitest'
import { isNamed, settingsOf } from '../src/settings.ts'
import { measurementOf, type Sample, spreadOf } from '../src/summary.ts'

const sample = (requestsPerSecond: number, userPerRequest: number): Sample => ({
  requestsPerSecond,
  cpuPerRequest: 2 * userPerRequest,
  userPerRequest,
  p50: 1,
  p99: 2,
})

it('takes the middle value, or the mean of the two middle ones', () => {
  expect(spreadOf([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 })
  expect(spreadOf([4, 1, 3, 2])).toEqual({ median: 2.5, min: 1, max: 4 })
})

it('compares round by round, above 1 in throughput meaning that the server is faster than the base', () => {
  const { throughputRatio, userRatio } = measurementOf(
    'ours',
    [sample(80, 12.5), sample(40, 25)],
    [sample(100, 10), sample(50, 20)],
  )
  expect(throughputRatio).toEqual({ median: 0.8, min: 0.8, max: 0.8 })
  expect(userRatio).toEqual({ median: 1.25, min: 1.25, max: 1.25 })
})

it('refuses settings that measure nothing, by name', () => {
  expect(() => settingsOf(['--rounds', '0'])).toThrow('--rounds')
  expect(() => settingsOf(['--requests', '0'])).toThrow('--requests')
  expect(() => settingsOf(['--round', '3'])).toThrow('--round')
  expect(settingsOf(['--requests', '5'])).toMatchObject({ requests: 5, rounds: 12 })
  expect(settingsOf(['--rounds', '5'])).toMatchObject({ requests: 10_000, rounds: 5 })
  expect(settingsOf(['--quick'])).toMatchObject({ requests: 500, rounds: 3 })
  expect(isNamed('authenticated request, Fastify with Redis', 'fastify')).toBe(true)
})
