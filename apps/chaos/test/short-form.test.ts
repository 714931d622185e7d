import { beforeAll, describe, expect, it } from 'vitest'
import { buildProgram } from '../src/node/build.ts'
import { violationsOf } from '../src/report.ts'
import { run } from '../src/run.ts'
import { shortForm } from '../src/short-form.ts'

const DAY_MS = 86_400_000
/** Two runs of some 25 seconds each, on a machine with better things to do. */
const LIMIT_MS = 240_000
const day = Math.floor(Date.now() / DAY_MS)

describe('chaos, the short form: two experiments by turns', () => {
  let program = ''
  beforeAll(async () => {
    program = await buildProgram()
  }, LIMIT_MS)

  it.each(shortForm(day).map((turn) => [turn.experiment.name, turn.store, turn] as const))(
    'breaks no invariant: %s on %s',
    async (_name, _store, turn) => {
      const result = await run({
        ...turn,
        programs: { current: program, earlier: program },
        seed: day,
        people: 3,
      })
      expect(violationsOf(result)).toBe('')
      expect(result).toMatchObject({ outcome: 'passed' })
    },
    LIMIT_MS,
  )
})
