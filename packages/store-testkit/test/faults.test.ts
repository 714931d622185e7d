import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import { memoryStore } from '../../store-memory/src/index.ts'
import { handClock } from '../../store-memory/test/harness.ts'
import { type FaultHarness, faultProxy, storeFaultLaws } from '../src/index.ts'
import { type RemoteFaults, remoteServer, remoteStores } from './remote-store.ts'

/** Stores of this process behind a server of this process, with a proxy between. */
function remoteHarness(faults: RemoteFaults & { readonly forgets?: boolean } = {}): FaultHarness {
  return {
    open: async () => {
      const clock = handClock()
      let kept = memoryStore({ clock })
      const server = await remoteServer(() => {
        if (faults.forgets) kept = memoryStore({ clock })
        return kept
      })
      const connection = await faultProxy(server)
      const stores = remoteStores(connection, faults)
      return {
        stores,
        connection,
        server,
        now: clock.now,
        advance: async (ms) => clock.advance(ms),
        peek: (handle) => kept.sessions.get(handle),
        close: async () => {
          await stores.sessions.close()
          await connection.close()
          await server.kill()
        },
      }
    },
  }
}

const LIMIT_MS = 60_000

describe('a store behind a server keeps the laws about faults', () => {
  storeFaultLaws({ test: (name, run) => test(name, run, LIMIT_MS), harness: remoteHarness() })
})

describe('a store with one fault fails the laws about it', () => {
  const MUTANTS: readonly [string, Parameters<typeof remoteHarness>[0], readonly string[]][] = [
    ['sends again what got no answer', { resends: true }, ['FT-05']],
    ['never connects again', { givesUp: true }, ['FT-01']],
    ['tells in an error what it asked', { tells: true }, ['FT-01', 'FT-04']],
    ['takes a fault for absence', { shrugs: true }, ['FT-01', 'FT-03']],
    ['takes late answers for those of other calls', { mixesUp: true }, ['FT-02']],
    ['does not subscribe again', { forgetsSubscriptions: true }, ['FT-08']],
    ['forgets all when the server is killed', { forgets: true }, ['FT-03', 'FT-07']],
    ['waits for ever', { waits: true }, ['FT-02']],
    ['abandons calls when closed', { abandons: true, waits: true }, ['FT-11']],
  ]
  for (const [fault, faults, ids] of MUTANTS) {
    storeFaultLaws({
      harness: remoteHarness(faults),
      seed: 1,
      test: (name, run) => {
        const id = name.slice(0, 5)
        if (!ids.includes(id)) return
        test.concurrent(`${fault}: ${id}`, () => assert.rejects(run()), LIMIT_MS)
      },
    })
  }
})
