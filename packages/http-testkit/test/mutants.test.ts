import assert from 'node:assert/strict'
import { describe, expect, test } from 'vitest'
import { describeHttpAdapter } from '../src/index.ts'
import { MUTANTS, type Mutant } from './mutants.ts'
import { reference, serveSteps } from './reference-adapter.ts'
import { RELAY_MUTANTS } from './relay-mutants.ts'

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

const TABLE = '../../../docs/contribute/planted-http-faults.md'

const rowsOf = (mutants: ReadonlyArray<Pick<Mutant, 'fault' | 'laws'>>) =>
  mutants.map(({ fault, laws }) => `| ${fault} | ${laws.join(', ')} |`).join('\n')

/** The document that says which laws find which fault. */
const table = () => `# Planted faults of HTTP adapters

An adapter with one of these ${MUTANTS.length} faults is refused by the laws of [\`@bff/http-testkit\`](../../packages/http-testkit), and a
WebSocket relay with one of ${RELAY_MUTANTS.length} others. Each row is tested: the laws named fail. Each law is failed by at least one fault.
\`packages/http-testkit/test/mutants.ts\` and \`relay-mutants.ts\` hold the faults;
\`npx vitest run --project http-testkit mutants -u\` writes this page.

| Fault of an adapter | Refused by |
| ------------------- | ---------- |
${rowsOf(MUTANTS)}

| Fault of a relay | Refused by |
| ---------------- | ---------- |
${rowsOf(RELAY_MUTANTS)}
`

test('the table of planted faults is current', async () => {
  await expect(table()).toMatchFileSnapshot(TABLE)
})

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
