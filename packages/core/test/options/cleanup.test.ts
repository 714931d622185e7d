import { manualClock } from '@bff/test-support/clock'
import { testOptions } from '@bff/test-support/options'
import { onTestFinished, vi } from 'vitest'
import { memoryStore } from '../../../store-memory/src/index.ts'
import { type BffEvent, createBff, generateEncryptionKey } from '../../src/index.ts'
import { type BackgroundCleanupOptions, withCleanup } from '../../src/store/index.ts'

const [MINUTE, HOUR] = [60_000, 3_600_000]

const chosen = manualClock()
const reported: string[] = []
const report = ({ type }: BffEvent) => {
  reported.push(type)
}

/** Stores that are cleaned, with what the backend behind them is told to do, and a BFF whose sessions live a minute. */
function cleaned(options: BackgroundCleanupOptions, clock = manualClock()) {
  const plain = memoryStore({ clock })
  const start = clock.now()
  const runs: Array<{ readonly afterMs: number; readonly limit: number }> = []
  const { cleanup } = plain.sessions
  plain.sessions.cleanup = (run) => {
    runs.push({ afterMs: clock.now() - start, limit: run.limit })
    return cleanup.call(plain.sessions, run)
  }
  const store = withCleanup(plain, options)
  onTestFinished(() => store.sessions.close())
  const bff = createBff({
    origin: 'https://app.example.com',
    store,
    encryptionKeys: [generateEncryptionKey()],
    session: { idleTimeoutMs: MINUTE },
    clock,
    onEvent: () => {},
  })
  return { bff, clock, plain, runs }
}

function steady(options: BackgroundCleanupOptions) {
  const clock = manualClock()
  return cleaned({ jitter: 0, clock, ...options }, clock)
}

testOptions<BackgroundCleanupOptions>('BackgroundCleanupOptions', {
  intervalMs: {
    set: MINUTE,
    see: async (options) => {
      const { clock, runs } = steady(options)
      await clock.advance(5 * MINUTE)
      return runs.map(({ afterMs }) => afterMs)
    },
    shows: [[300_000], [60_000, 120_000, 180_000, 240_000, 300_000]],
  },
  batch: {
    set: 10,
    see: async (options) => {
      const { bff, clock, runs } = steady(options)
      for (let user = 0; user < 35; user++) await bff.sessions.create({ userId: `user-${user}` })
      await clock.advance(5 * MINUTE)
      await clock.settle()
      return runs.map(({ limit }) => limit)
    },
    shows: [[100], [10, 10, 10, 10]],
  },
  jitter: {
    set: 1,
    see: async (options) => {
      const chance = vi.spyOn(Math, 'random').mockReturnValue(0.5)
      onTestFinished(() => chance.mockRestore())
      const clock = manualClock()
      const { runs } = cleaned({ clock, ...options }, clock)
      await clock.advance(8 * MINUTE)
      return runs.map(({ afterMs }) => afterMs)
    },
    shows: [[330_000], [450_000]],
  },
  retainRevokedMs: {
    set: 2 * HOUR,
    see: async (options) => {
      const { bff, clock, plain } = steady({ intervalMs: HOUR, ...options })
      const { session } = await bff.sessions.create({ userId: 'alice' })
      await bff.sessions.revoke(session.handle)
      let hoursKept = -1
      for (; plain.count() > 0 && hoursKept < 200; hoursKept++) await clock.advance(HOUR)
      return hoursKept
    },
    shows: [168, 2],
  },
  onEvent: {
    set: report,
    see: async (options) => {
      reported.length = 0
      await steady(options).clock.advance(5 * MINUTE)
      return [...reported]
    },
    shows: [[], ['cleanup.done']],
  },
  clock: {
    set: chosen,
    see: async (options) => {
      const { bff, plain } = cleaned(options)
      await bff.sessions.create({ userId: 'alice' })
      await chosen.advance(6 * MINUTE)
      return plain.count()
    },
    shows: [1, 0],
  },
})
