import { type LawsOptions, lawsOf } from '../harness.ts'
import { sessionHistoryLaws } from './histories.ts'
import { sessionQueryLaws } from './session-queries.ts'
import { sessionRaceLaws } from './session-races.ts'
import { sessionWriteLaws } from './session-writes.ts'

/** Registers one test per law of the `SessionStore` contract (SS). */
export function sessionStoreLaws(options: LawsOptions): void {
  const law = lawsOf(options)
  sessionWriteLaws(law)
  sessionQueryLaws(law)
  sessionRaceLaws(law)
  sessionHistoryLaws(law)
}
