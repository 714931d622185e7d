import { manualClock } from '@bff/test-support/clock'
import { describe, expect, it } from 'vitest'
import { createCached } from '../src/cached.ts'

/** A cache whose loads are answered by hand. */
function handFed() {
  const clock = manualClock()
  const loads: { resolve: (value: string) => void; reject: (error: Error) => void }[] = []
  const cached = createCached<string>({
    clock,
    load: () => new Promise((resolve, reject) => loads.push({ resolve, reject })),
    maxAgeMs: 100,
    maxStaleMs: 1000,
    retryMs: 50,
  })
  /** Answers the newest load and lets everything that waits for it go on. */
  const answer = async (value: string | Error) => {
    const load = loads.at(-1)
    if (value instanceof Error) load?.reject(value)
    else load?.resolve(value)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { clock, cached, loads, answer }
}

describe('a cached value', () => {
  it('is fetched once for all who ask at the same time, and kept', async () => {
    const { cached, loads, answer } = handFed()
    const asking = [cached.get(), cached.get()]
    await answer('one')
    expect(await Promise.all(asking)).toEqual(['one', 'one'])
    expect(await cached.get()).toBe('one')
    expect(loads).toHaveLength(1)
  })

  it('a failure is not remembered', async () => {
    const { cached, loads, answer } = handFed()
    const failing = expect(cached.get()).rejects.toThrow('down')
    await answer(new Error('down'))
    await failing
    const asking = cached.get()
    await answer('one')
    expect(await asking).toBe('one')
    expect(loads).toHaveLength(2)
  })

  it('grown old, it is served while it is fetched anew', async () => {
    const { clock, cached, loads, answer } = handFed()
    const asking = cached.get()
    await answer('one')
    await asking
    clock.jump(100)
    expect(await cached.get()).toBe('one')
    expect(loads).toHaveLength(2)
    await answer('two')
    expect(await cached.get()).toBe('two')
  })

  it('outlives failures of its source, which is asked again after a while only', async () => {
    const { clock, cached, loads, answer } = handFed()
    const asking = cached.get()
    await answer('one')
    await asking
    clock.jump(100)
    await cached.get()
    await answer(new Error('down'))
    clock.jump(49)
    expect(await cached.get()).toBe('one')
    expect(loads).toHaveLength(2)
    clock.jump(1)
    expect(await cached.get()).toBe('one')
    expect(loads).toHaveLength(3)
  })

  it('too old, it is waited for', async () => {
    const { clock, cached, answer } = handFed()
    const asking = cached.get()
    await answer('one')
    await asking
    expect(cached.peek()).toBe('one')
    clock.jump(1000)
    expect(cached.peek()).toBeNull()
    const again = cached.get()
    await answer('two')
    expect(await again).toBe('two')
  })

  it('is renewed on demand, with a pause between', async () => {
    const { clock, cached, loads, answer } = handFed()
    const asking = cached.get()
    await answer('one')
    await asking
    expect(await cached.renew(30)).toBe('one')
    expect(loads).toHaveLength(1)
    clock.jump(30)
    const renewed = cached.renew(30)
    await answer('two')
    expect(await renewed).toBe('two')
  })
})
