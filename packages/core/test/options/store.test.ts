import { manualClock } from '@bff/test-support/clock'
import { testOptions } from '@bff/test-support/options'
import { vi } from 'vitest'
import { memoryStore } from '../../../store-memory/src/index.ts'
import {
  type BffEvent,
  type BffEventDetail,
  createBff,
  generateEncryptionKey,
  isBffError,
  type Stores,
} from '../../src/index.ts'
import {
  type CreationRateOptions,
  type PseudonymsOptions,
  type RecordLimitOptions,
  type SessionCacheOptions,
  sessionCache,
  withCreationRate,
  withPseudonyms,
  withRecordLimit,
} from '../../src/store/index.ts'
import { request } from '../world.ts'

const chosen = manualClock(Date.UTC(2031, 4, 6))

const reported: string[] = []
const report = ({ type }: BffEventDetail) => {
  reported.push(type)
}

/** The sessions of an app on these stores. */
function sessionsOn(store: Stores) {
  const encryptionKeys = [generateEncryptionKey()]
  const origin = 'https://app.example.com'
  return createBff({ origin, store, encryptionKeys, onEvent: () => {} }).sessions
}

/** Signs in on stores that watch the rate of it, and says how often they told of a surge. */
function watched(options: Partial<CreationRateOptions>) {
  let surges = 0
  const onEvent = () => {
    surges++
  }
  const sessions = sessionsOn(withCreationRate(memoryStore(), { onEvent, ...options }))
  return async () => {
    await sessions.create({ userId: 'alice' })
    return surges
  }
}

testOptions<CreationRateOptions>('CreationRateOptions', {
  max: {
    set: 5,
    see: async (options) => {
      const signIn = watched({ clock: manualClock(), ...options })
      let before = 0
      while ((await signIn()) === 0 && before < 1_500) before++
      return before
    },
    shows: [1000, 5],
  },
  windowMs: {
    set: 5_000,
    see: async (options) => {
      const surgesAfter = async (pauseMs: number) => {
        const clock = manualClock()
        const signIn = watched({ max: 1, clock, ...options })
        await signIn()
        await clock.advance(pauseMs)
        return signIn()
      }
      return Promise.all([4_999, 5_000, 59_999, 60_000].map(surgesAfter))
    },
    shows: [
      [1, 1, 1, 0],
      [1, 0, 0, 0],
    ],
  },
  onEvent: {
    set: report,
    instead: () => {},
    see: async (options) => {
      reported.length = 0
      const signIn = watched({ max: 1, ...options })
      for (const _ of 'twice') await signIn()
      return [...reported]
    },
    shows: [[], ['session.surge']],
  },
  clock: {
    set: chosen,
    see: async (options) => {
      const signIn = watched({ max: 1, ...options })
      await signIn()
      await chosen.advance(60_000)
      return signIn()
    },
    shows: [1, 0],
  },
})

/** How many of these requests, a moment apart, read the store; the first two let the cache begin. */
async function readsWith(options: SessionCacheOptions, users: readonly string[], apartMs: number) {
  const clock = manualClock()
  const { sessions, ...stores } = memoryStore({ clock })
  const get = vi.spyOn(sessions, 'get')
  const bff = createBff({
    origin: 'https://app.example.com',
    store: { ...stores, sessions },
    encryptionKeys: [generateEncryptionKey()],
    clock,
    cache: sessionCache(options),
    onEvent: () => {},
  })
  const cookies = new Map<string, string>()
  for (const userId of new Set(users))
    cookies.set(userId, (await bff.sessions.create({ userId })).cookie.split(';', 1)[0] ?? '')
  const reads: number[] = []
  for (const user of users) {
    const before = get.mock.calls.length
    await bff.getSession(request('GET', '/', { cookie: cookies.get(user) ?? '' }))
    reads.push(get.mock.calls.length - before)
    await clock.advance(apartMs)
  }
  await bff.close()
  return reads
}

testOptions<SessionCacheOptions>('SessionCacheOptions', {
  maxStaleMs: {
    set: 400,
    see: (options) => readsWith(options, Array(5).fill('alice'), 300),
    shows: [
      [1, 1, 0, 0, 0],
      [1, 1, 0, 1, 0],
    ],
  },
  maxSessions: {
    set: 1,
    see: (options) => readsWith(options, ['alice', 'alice', 'bob', 'alice'], 1),
    shows: [
      [1, 1, 1, 0],
      [1, 1, 1, 1],
    ],
  },
})

testOptions<PseudonymsOptions>('PseudonymsOptions', {
  key: {
    set: '0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0',
    instead: 'f0e1d2c3b4a5968778695a4b3c2d1e0ff0e1d2c3b4a5968778695a4b3c2d1e0f',
    see: async ({ key = '' }) => {
      const plain = memoryStore()
      const { session } = await sessionsOn(withPseudonyms(plain, { key })).create({ userId: 'alice' })
      return (await plain.sessions.get(session.handle))?.userId
    },
    shows: ['ZLZL5BdNhIVu38GGonTiqOTlE0Xp4lhb_dORnv9GicM', 'hZbC3nDQxb_wW-T-6zClyJyhzaQfcqc3Zpzsom7jtJQ'],
  },
  onEvent: {
    set: report,
    see: async (options) => {
      reported.length = 0
      const plain = memoryStore()
      const { session } = await sessionsOn(plain).create({ userId: 'alice' })
      const sealed = await sessionsOn(withPseudonyms(plain, { key: generateEncryptionKey() })).create({
        userId: 'bob',
      })
      const store = withPseudonyms(plain, { key: generateEncryptionKey(), ...options })
      await store.sessions.get(session.handle)
      await store.sessions.get(sealed.session.handle)
      return [...reported]
    },
    shows: [[], ['crypto.decrypt_failed']],
  },
  clock: {
    set: chosen,
    see: async (options) => {
      const at: number[] = []
      const plain = memoryStore()
      const { session } = await sessionsOn(withPseudonyms(plain, { key: generateEncryptionKey() })).create({
        userId: 'bob',
      })
      const onEvent = (event: BffEvent) => void at.push(event.at)
      const store = withPseudonyms(plain, { key: generateEncryptionKey(), onEvent, ...options })
      await store.sessions.get(session.handle)
      return at[0] === chosen.now()
    },
    shows: [false, true],
  },
})

/** What becomes of a session with so much metadata. */
async function stored(options: RecordLimitOptions, bytes: number): Promise<string> {
  const sessions = sessionsOn(withRecordLimit(memoryStore(), options))
  return sessions.create({ userId: 'alice', metadata: { note: 'x'.repeat(bytes) } }).then(
    () => 'stored',
    (error: unknown) => (isBffError(error) ? error.code : String(error)),
  )
}

testOptions<RecordLimitOptions>('RecordLimitOptions', {
  maxBytes: {
    set: 8_192,
    see: (options) =>
      Promise.all([7_000, 8_192, 1_047_000, 1_048_576].map((bytes) => stored(options, bytes))),
    shows: [
      ['stored', 'stored', 'stored', 'invalid_argument'],
      ['stored', 'invalid_argument', 'invalid_argument', 'invalid_argument'],
    ],
  },
  onEvent: {
    set: report,
    see: async (options) => {
      reported.length = 0
      await stored({ maxBytes: 8_192, ...options }, 8_192)
      return [...reported]
    },
    shows: [[], ['session.refused']],
  },
  clock: {
    set: chosen,
    see: async (options) => {
      const years: number[] = []
      const onEvent = ({ at }: BffEvent) => void years.push(new Date(at).getUTCFullYear())
      await stored({ maxBytes: 8_192, onEvent, ...options }, 8_192)
      return years.includes(2031)
    },
    shows: [false, true],
  },
})
