import { expect, test } from 'vitest'
import { singleFlight } from '../../src/internal/single-flight.ts'

test('concurrent callers of one key share one run, other keys do not [RFT-03]', async () => {
  const flight = singleFlight<string, string>()
  const runs: string[] = []
  const work = (key: string) => async () => {
    runs.push(key)
    return key
  }
  const results = await Promise.all([flight('a', work('a')), flight('a', work('a')), flight('b', work('b'))])
  expect(results).toEqual(['a', 'a', 'b'])
  expect(runs).toEqual(['a', 'b'])
})

test('nothing is kept once it has settled, also when it failed [RFT-03]', async () => {
  const flight = singleFlight<string, number>()
  await expect(flight('a', () => Promise.reject(new Error('first')))).rejects.toThrow('first')
  await expect(flight('a', async () => 2)).resolves.toBe(2)
  await expect(flight('a', async () => 3)).resolves.toBe(3)
})
