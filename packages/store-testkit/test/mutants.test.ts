import assert from 'node:assert/strict'
import { describe, expect, test } from 'vitest'
import { openMemoryStore } from '../../store-memory/test/harness.ts'
import { type StoreHarness, storeLaws } from '../src/index.ts'
import { MUTANTS, type Mutant, mutate } from './mutants.ts'

interface RunnableLaw {
  readonly id: string
  readonly run: () => Promise<void>
}

function lawsFor(mutant: Mutant): RunnableLaw[] {
  const laws: RunnableLaw[] = []
  const collect = (name: string, run: () => Promise<void>) => laws.push({ id: name.slice(0, 5), run })
  const harness: StoreHarness = {
    open: async () => {
      const open = await openMemoryStore()
      const [stores, another] = [mutate(mutant, open.stores), mutate(mutant, open.stores)]
      return { ...open, stores, another, peek: (handle) => stores.sessions.get(handle) }
    },
  }
  storeLaws({ test: collect, harness, seed: 1 })
  return laws
}

const TABLE = '../../../docs/contribute/planted-faults.md'

/** The document that says which laws find which fault. */
function table(): string {
  const rows = MUTANTS.map(({ fault, laws }) => `| ${fault} | ${laws.join(', ')} |`)
  return `# Planted faults of stores

A store with one of these ${MUTANTS.length} faults is refused by the laws of [\`@bff/store-testkit\`](../../packages/store-testkit). Each row is tested:
the law named fails. Each law is failed by at least one fault. \`packages/store-testkit/test/mutants.ts\` and
\`wrong-answers.ts\` hold the faults; \`npx vitest run --project store-testkit mutants -u\` writes this page.

| Fault | Refused by |
| ----- | ---------- |
${rows.join('\n')}
`
}

test('the table of planted faults is current', async () => {
  await expect(table()).toMatchFileSnapshot(TABLE)
})

describe('a store with one fault fails the laws about it', () => {
  for (const mutant of MUTANTS) {
    const laws = lawsFor(mutant)
    for (const id of mutant.laws) {
      test(`${mutant.fault}: ${id}`, async () => {
        const outcomes = []
        for (const { run } of laws.filter((law) => law.id === id))
          outcomes.push((await Promise.allSettled([run()]))[0])
        assert.ok(
          outcomes.some((outcome) => outcome?.status === 'rejected'),
          'the law holds all the same',
        )
      })
    }
  }

  test('every law is failed by some store', () => {
    const [anyMutant] = MUTANTS
    assert.ok(anyMutant)
    const failed = new Set(MUTANTS.flatMap((mutant) => mutant.laws))
    assert.deepEqual(
      [...new Set(lawsFor(anyMutant).map((law) => law.id))].filter((id) => !failed.has(id)),
      [],
    )
  })
})
