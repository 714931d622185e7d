import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import { undiciUpstream } from '../../node/src/index.ts'
import { describeWebSocketRelay } from '../src/index.ts'
import { type RelaySteps, referenceRelay, serveRelay } from './reference-relay.ts'
import { RELAY_MUTANTS } from './relay-mutants.ts'

const relayOf = (name: string, steps: Partial<RelaySteps>) => ({
  name,
  upstream: undiciUpstream,
  serve: (bff: Parameters<typeof serveRelay>[1]) => serveRelay({ ...referenceRelay, ...steps }, bff),
})

describeWebSocketRelay({ ...relayOf('reference', {}), test })

describe('a relay with one fault fails the laws about it', () => {
  const ids = new Set<string>()
  for (const { fault, laws, steps } of RELAY_MUTANTS) {
    const runs = new Map<string, () => Promise<void>>()
    describeWebSocketRelay({
      ...relayOf(fault, steps),
      patienceMs: 1_500,
      test: (name, run) => runs.set(name.slice(0, 5), run),
    })
    for (const id of runs.keys()) ids.add(id)
    for (const id of laws) {
      test.concurrent(`${fault}: ${id}`, async () => {
        const run = runs.get(id)
        assert.ok(run, `There is no law ${id}`)
        await assert.rejects(run(), 'the law holds all the same')
      })
    }
  }

  test('every law is failed by some relay', () => {
    const failed = new Set(RELAY_MUTANTS.flatMap(({ laws }) => laws))
    assert.deepEqual(
      [...ids].filter((id) => !failed.has(id)),
      [],
    )
  })
})
