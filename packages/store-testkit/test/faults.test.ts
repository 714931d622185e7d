import assert from 'node:assert/strict'
import { BffError } from '@bff/core'
import { manualClock } from '@bff/test-support/clock'
import { describe, test } from 'vitest'
import { memoryStore } from '../../store-memory/src/index.ts'
import {
  type FaultHarness,
  faultProxy,
  type RefusedWriteHarness,
  refusedWriteLaws,
  storeFaultLaws,
} from '../src/index.ts'
import { type RemoteFaults, remoteServer, remoteStores } from './remote-store.ts'

/** Stores of this process behind a server of this process, with a proxy between. */
function remoteHarness(faults: RemoteFaults & { readonly forgets?: boolean } = {}): FaultHarness {
  return {
    open: async () => {
      const clock = manualClock()
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
        advance: async (ms) => clock.jump(ms),
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

describe('a store behind a server keeps the laws about faults', () => {
  storeFaultLaws({ test, harness: remoteHarness() })
})

describe('a store with one fault fails the laws about it', () => {
  const MUTANTS: readonly [string, Parameters<typeof remoteHarness>[0], readonly string[]][] = [
    ['sends again what got no answer', { resends: true }, ['FT-05']],
    ['never connects again', { givesUp: true }, ['FT-01']],
    ['tells in an error what it asked', { tells: true }, ['FT-01', 'FT-04']],
    ['takes a fault for absence', { shrugs: true }, ['FT-01', 'FT-03']],
    ['takes late answers for those of other calls', { mixesUp: true }, ['FT-02']],
    ['goes on using a dead connection', { holdsOn: true }, ['FT-12', 'FT-13']],
    ['does not subscribe again', { forgetsSubscriptions: true }, ['FT-08']],
    ['forgets all when the server is killed', { forgets: true }, ['FT-03', 'FT-07']],
    ['fails later calls with an error of former ones', { repeats: true }, ['FT-16']],
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
        test.concurrent(`${fault}: ${id}`, () => assert.rejects(run()))
      },
    })
  }
})

const WRITES = ['create', 'update', 'touch', 'revoke', 'revokeAll', 'delete', 'deleteAll', 'cleanup']
const VALUE_WRITES = ['set', 'setIfAbsent', 'take', 'extend', 'compareAndDelete']

type Fault = 'none' | 'acknowledges' | 'writes all the same'

/** Stores in memory that can be kept from writing. */
function refusingHarness(fault: Fault): RefusedWriteHarness {
  return {
    open: async () => {
      const clock = manualClock()
      const kept = memoryStore({ clock })
      let refusing = false
      const refuse = <Store extends object>(store: Store, writes: readonly string[]): Store =>
        new Proxy(store, {
          get: (target, name) => {
            const member: unknown = Reflect.get(target, name)
            if (typeof member !== 'function') return member
            return async (...args: unknown[]) => {
              if (!refusing || !writes.includes(String(name))) return member.apply(target, args)
              if (fault === 'acknowledges') return null
              if (fault === 'writes all the same') await member.apply(target, args)
              throw new BffError('store_unavailable')
            }
          },
        })
      return {
        stores: { ...kept, sessions: refuse(kept.sessions, WRITES), ttl: refuse(kept.ttl, VALUE_WRITES) },
        now: clock.now,
        advance: async (ms) => clock.jump(ms),
        peek: (handle) => kept.sessions.get(handle),
        refuseWrites: async () => {
          refusing = true
        },
        acceptWrites: async () => {
          refusing = false
        },
        close: () => kept.sessions.close(),
      }
    },
  }
}

describe('a store that tells of what it could not keep keeps the laws about that', () => {
  refusedWriteLaws({ test, harness: refusingHarness('none') })
})

describe.each(['acknowledges', 'writes all the same'] as const)('a store that %s fails them', (fault) => {
  refusedWriteLaws({
    harness: refusingHarness(fault),
    test: (name, run) => test(name.slice(0, 5), () => assert.rejects(run())),
  })
})
