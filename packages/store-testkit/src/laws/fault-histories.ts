import { isBffError, type SessionHandle } from '@bff/core'
import { failsSilently } from '../calls.ts'
import type { FaultyStores } from '../faults/harness.ts'
import { blinking, cutOff, killed, losingAnswers, type Outage, paused, recovery } from '../faults/outage.ts'
import { inTime } from '../faults/patience.ts'
import { bytes, fullSession, HOUR, handle, revocation } from '../fixtures.ts'
import type { Law } from '../harness.ts'
import type { Call } from '../history/linearizable.ts'
import { assertLinearizable, record, UNKNOWN } from '../history/run.ts'
import { callSession, onOneHandle, type SessionOperation, sessionModel } from '../history/session-history.ts'
import { callTtl, onOneKey, type TtlOperation, ttlModel } from '../history/ttl-history.ts'
import { seedsFrom } from '../seed.ts'

/** What each history consists of, and how many calls have begun when the outage begins. */
const SHAPE = { clients: 5, calls: 8 }
const CALLS_BEFORE = 12

/** How many histories each law tries: those that wait for a timeout or a restart are slow. */
const HISTORIES = { fast: 10, slow: 3 }

/** Calls that write nothing: one that got no answer proves nothing, and is left out. */
const READS: readonly string[] = ['get', 'list', 'countActive']

/** The laws of faults that strike while many callers are at work. */
export function faultHistoryLaws(law: Law<FaultyStores>): void {
  const through =
    (length: number, kind: string, outageOf: (open: FaultyStores) => Outage) =>
    async (open: FaultyStores, first: number): Promise<void> => {
      for (const seed of seedsFrom(first, length))
        await historiesThrough(open, handle(`${kind}${seed}`), outageOf(open), seed)
    }

  law(
    'FT-05 through a cut connection and lost answers, one order explains all answers: nothing acknowledged is undone',
    async (open, first) => {
      await through(HISTORIES.fast, 'cut', cutOff)(open, first)
      await through(HISTORIES.fast, 'lost', losingAnswers)(open, first)
      await through(HISTORIES.fast, 'blink', blinking)(open, first)
    },
  )
  law(
    'FT-06 through a server that does not answer, one order explains all answers: nothing acknowledged is undone',
    through(HISTORIES.slow, 'late', paused),
  )
  law(
    'FT-07 through a killed server, one order explains all answers: nothing acknowledged is undone',
    through(HISTORIES.slow, 'kill', killed),
  )
}

/** The law of each kind of write when its answer is lost on the way. */
export function lostAnswerLaw(law: Law<FaultyStores>): void {
  law(
    'FT-04 a write whose answer was lost throws store_unavailable, took effect wholly or not at all, and may be repeated',
    async (open, seed) => {
      const at = open.now()
      const writes: readonly SessionOperation[] = [
        { call: 'update', patch: { updatedAt: at + 1, accessTokenEncrypted: bytes(64_000) }, ifVersion: 1 },
        { call: 'touch', at: at + 1, expiresAt: at + 9 * HOUR },
        { call: 'revoke', revocation: revocation(at) },
        { call: 'revokeAll', revocation: revocation(at) },
        { call: 'delete' },
      ]
      for (const [index, write] of writes.entries()) {
        const name = handle(`lost-answer-${index}`)
        const record = fullSession(at, { handle: name, userId: `user of ${name}` })
        const creation: SessionOperation = { call: 'create', record }
        await loseAnswer(open, name, [], creation, seed)
        await open.stores.sessions.delete(name)
        await loseAnswer(open, name, [creation], write, seed)
      }
    },
  )
}

async function loseAnswer(
  open: FaultyStores,
  name: SessionHandle,
  before: readonly SessionOperation[],
  write: SessionOperation,
  seed: number,
): Promise<void> {
  const calls: Call<SessionOperation>[] = []
  const perform = async (operation: SessionOperation): Promise<void> => {
    const answer = await callSession(open.stores.sessions, name, operation)
    calls.push({ client: 0, operation, start: calls.length * 2, end: calls.length * 2 + 1, answer })
  }
  const outage = losingAnswers(open)
  for (const operation of before) await perform(operation)
  await outage.begin()
  const lost = () => callSession(open.stores.sessions, name, write)
  await inTime(write.call, failsSilently(write.call, lost, [name]))
  calls.push({ client: 0, operation: write, start: calls.length * 2, end: Infinity, answer: null })
  await outage.end()
  await recovery(open)
  const now = open.now()
  for (const read of ['get', 'list'] as const) await perform({ call: read })
  await perform({ call: 'countActive', now })
  await perform(write)
  for (const read of ['get', 'list'] as const) await perform({ call: read })
  assertLinearizable(calls, sessionModel, seed)
}

/** A history on one session and one on one value, with an outage in the midst of both. */
async function historiesThrough(
  open: FaultyStores,
  name: SessionHandle,
  outage: Outage,
  seed: number,
): Promise<void> {
  const { stores, now } = open
  const midst = inTheMidst(open, outage)
  const sessions = record<SessionOperation>({
    seed,
    ...SHAPE,
    choose: onOneHandle(name, now()),
    last: { call: 'get' },
    perform: (operation) => midst.attempt(() => callSession(stores.sessions, name, operation)),
    before: midst.before,
  })
  const values = record<TtlOperation>({
    seed,
    ...SHAPE,
    choose: onOneKey,
    last: { call: 'get' },
    perform: (operation) => midst.attempt(() => callTtl(stores.ttl, name, operation)),
  })
  await Promise.allSettled([sessions, values])
  await midst.end()
  assertLinearizable(withoutLostReads(await sessions), sessionModel, seed)
  assertLinearizable(withoutLostReads(await values), ttlModel, seed)
}

/** Begins the outage once enough calls were made, and ends it once one was seen to fail. */
function inTheMidst(open: FaultyStores, outage: Outage) {
  let begun: Promise<void> | null = null
  let ended: Promise<void> | null = null
  const end = async (): Promise<void> => {
    ended ??= begun?.then(outage.end) ?? null
    await ended
  }
  return {
    end,
    before: async (number: number): Promise<void> => {
      if (number !== CALLS_BEFORE) return
      begun = outage.begin()
      await begun
    },
    attempt: async (call: () => Promise<unknown>): Promise<unknown> => {
      try {
        return await inTime('A call', call())
      } catch (error) {
        // Also before the outage: a slow machine is no fault of the store.
        if (!isBffError(error, 'store_unavailable')) throw error
        await end()
        await recovery(open)
        return UNKNOWN
      }
    },
  }
}

function withoutLostReads<Operation extends { readonly call: string }>(calls: readonly Call<Operation>[]) {
  return calls.filter(({ operation, end }) => end < Infinity || !READS.includes(operation.call))
}
