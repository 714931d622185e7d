import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import { describeHttpAdapter } from '../src/index.ts'
import { MUTANTS, type Mutant } from './mutants.ts'
import { reference, serveSteps } from './reference-adapter.ts'

interface RunnableLaw {
  readonly id: string
  readonly run: () => Promise<void>
}

function lawsFor({ fault, steps }: Mutant): RunnableLaw[] {
  const laws: RunnableLaw[] = []
  describeHttpAdapter({
    name: fault,
    test: (name, run) => laws.push({ id: name.slice(0, 5), run }),
    patienceMs: 1_500,
    serve: (bff) => serveSteps({ ...reference, ...steps() }, bff),
  })
  return laws
}

describe('an adapter with one fault fails the laws about it', () => {
  for (const mutant of MUTANTS) {
    const laws = lawsFor(mutant)
    for (const id of mutant.laws) {
      test.concurrent(`${mutant.fault}: ${id}`, async () => {
        const law = laws.find((one) => one.id === id)
        assert.ok(law, `There is no law ${id}`)
        await assert.rejects(law.run(), 'the law holds all the same')
      })
    }
  }

  test('every law is failed by some adapter', () => {
    const failed = new Set(MUTANTS.flatMap(({ laws }) => laws))
    const [anyMutant] = MUTANTS
    assert.ok(anyMutant)
    assert.deepEqual(
      lawsFor(anyMutant)
        .map(({ id }) => id)
        .filter((id) => !failed.has(id)),
      [],
    )
  })
})
