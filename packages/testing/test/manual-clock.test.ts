import { expect, it, onTestFinished } from 'vitest'
import { manualClock } from '../src/index.ts'

const HOUR = 3_600_000
const STUCK = 'The work waits for something other than this clock.'

/** Sleeps again and again until the test is over, as the pulse of a cache does. */
function idleLoop(clock = manualClock(), everyMs = 250) {
  const stop = new AbortController()
  const wakes = { count: 0 }
  const loop = async () => {
    for (;;) {
      await clock.sleep(everyMs, stop.signal, true)
      wakes.count++
    }
  }
  loop().catch(() => {})
  onTestFinished(() => stop.abort())
  return { clock, wakes }
}

it('Stuck work throws beside an idle loop, and no time passes', async () => {
  const { clock, wakes } = idleLoop()
  const before = clock.now()
  await expect(clock.run(new Promise(() => {}))).rejects.toThrow(STUCK)
  expect([clock.now() - before, wakes.count]).toEqual([0, 0])
})

it('An idle loop is woken at each of its instants on the way to a sleep of the work', async () => {
  const { clock, wakes } = idleLoop()
  const before = clock.now()
  await clock.run(clock.sleep(HOUR + 1))
  expect([clock.now() - before, wakes.count]).toEqual([HOUR + 1, HOUR / 250])
})

it('Work that waits for an idle sleep alone is stuck: a process would exit', async () => {
  const clock = manualClock()
  await expect(clock.run(clock.sleep(1_000, undefined, true))).rejects.toThrow(STUCK)
})
