import { handle } from '../fixtures.ts'
import type { Law, OpenStores } from '../harness.ts'
import { assertLinearizable, record } from '../history/run.ts'
import { callSession, onOneHandle, onOneUser, sessionModel } from '../history/session-history.ts'
import { callTtl, onOneKey, ttlModel } from '../history/ttl-history.ts'
import { seedsFrom } from '../seed.ts'

/** How many histories each law tries, and what one consists of: the search is meant for some 50 calls. */
const HISTORIES = 20
const SHAPE = { clients: 6, calls: 8 }

/** The law of everything at once on one session: any interleaving gives answers that one order explains. */
export function sessionHistoryLaws(law: Law): void {
  law(
    'SS-29 for any concurrent calls on one session, one order of the calls explains all answers',
    (open, seed) => eachSeed(seed, (each) => sessionHistory(open, each, onOneHandle)),
  )

  law(
    "SS-29 for any concurrent calls on a user's session and through the user, one order explains all answers",
    (open, seed) => eachSeed(seed, (each) => sessionHistory(open, each, onOneUser)),
  )
}

/** The same law of one short-lived value. */
export function ttlHistoryLaws(law: Law): void {
  law(
    'TS-10 for any concurrent calls on one key, one order of the calls explains all answers',
    ({ stores }, seed) =>
      eachSeed(seed, async (each) => {
        const perform = (operation: Parameters<typeof callTtl>[2]) =>
          callTtl(stores.ttl, `history ${each}`, operation)
        assertLinearizable(
          await record({ seed: each, ...SHAPE, choose: onOneKey, last: { call: 'get' }, perform }),
          ttlModel,
          each,
        )
      }),
  )
}

async function sessionHistory(
  { stores, now }: OpenStores,
  seed: number,
  choose: typeof onOneHandle,
): Promise<void> {
  const name = handle(`h${seed}`)
  const calls = await record({
    seed,
    ...SHAPE,
    choose: choose(name, now()),
    last: { call: 'get' },
    perform: (operation) => callSession(stores.sessions, name, operation),
  })
  assertLinearizable(calls, sessionModel, seed)
}

async function eachSeed(first: number, run: (seed: number) => Promise<void>): Promise<void> {
  for (const seed of seedsFrom(first, HISTORIES)) await run(seed)
}
