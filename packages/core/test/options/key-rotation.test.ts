import { testOptions } from '@bff/test-support/options'
import { type ResealOptions, resealSessions } from '../../src/key-rotation/index.ts'
import { encryptorWith, HOUR_MS, NEW, OLD, sealedStore } from '../key-rotation/sealed-store.ts'

const told: number[] = []
const later = { ...sealedStore().clock, now: () => sealedStore().clock.now() + 9 * HOUR_MS }

/** The report of a run over three sessions; `later` is after their end. */
async function runWith(options: ResealOptions) {
  const { clock, sessions, signIn } = sealedStore()
  await signIn(3, OLD)
  return resealSessions(sessions, encryptorWith(NEW, OLD), { clock, ...options })
}

testOptions<ResealOptions>('ResealOptions', {
  onProgress: {
    set: ({ sessions }) => void told.push(sessions),
    see: async (options) => {
      await runWith(options)
      return [...told]
    },
    shows: [[], [3]],
  },
  signal: {
    set: AbortSignal.abort(),
    see: async (options) => {
      const { isComplete, resealed } = await runWith(options)
      return { isComplete, resealed }
    },
    shows: [
      { isComplete: true, resealed: 3 },
      { isComplete: false, resealed: 0 },
    ],
  },
  clock: {
    set: later,
    see: async (options) => (await runWith(options)).sessions,
    shows: [3, 0],
  },
})
