import { manualClock } from '@bff/test-support/clock'
import { testOptions } from '@bff/test-support/options'
import { type ListedOriginsOptions, type LoadedOriginsOptions, origins } from '../../src/origins/index.ts'
import { request } from '../world.ts'

const A = 'https://a.example.com'
const B = 'https://b.example.com'

const at = (host: string, forwarded?: string) => ({
  ...request('GET', '/', { host, ...(forwarded !== undefined && { 'x-forwarded-host': forwarded }) }),
  remoteAddress: '10.0.0.9',
})

testOptions<ListedOriginsOptions>('ListedOriginsOptions', {
  trustedProxies: {
    set: ['10.0.0.0/8'],
    see: (options) => origins([A, B], options).find(at('internal:3000', 'b.example.com')),
    shows: [null, B],
  },
})

/** What a source loads: for a host, how often. */
async function loads(options: Partial<LoadedOriginsOptions>, hosts: readonly string[], passMs = 0) {
  const asked: string[] = []
  const clock = manualClock()
  const source = origins({
    main: A,
    load: (host) => {
      asked.push(host)
      return `https://${host}`
    },
    clock,
    ...options,
  })
  for (const host of hosts) {
    await source.find(at(host))
    await clock.advance(passMs)
  }
  return asked.length
}

testOptions<LoadedOriginsOptions>('LoadedOriginsOptions', {
  main: {
    set: B,
    see: (options) => origins({ main: A, load: () => null, ...options }).main,
    shows: [A, B],
  },
  load: {
    set: () => B,
    see: (options) => origins({ main: A, load: () => null, ...options }).find(at('b.example.com')),
    shows: [null, B],
  },
  trustedProxies: {
    set: ['10.0.0.0/8'],
    see: (options) =>
      origins({ main: A, load: (host) => `https://${host}`, ...options }).find(
        at('b.example.com', 'c.example.com'),
      ),
    shows: [B, 'https://c.example.com'],
  },
  ttlMs: {
    set: 1_000,
    see: (options) => loads(options, ['b.example.com', 'b.example.com', 'b.example.com'], 1_001),
    shows: [1, 3],
  },
  max: {
    set: 1,
    see: (options) => loads(options, ['b.example.com', 'c.example.com', 'b.example.com']),
    shows: [2, 3],
  },
  clock: {
    set: { ...manualClock(), monotonic: () => Number.NaN },
    see: (options) => loads(options, ['b.example.com', 'b.example.com']),
    shows: [1, 2],
  },
})
