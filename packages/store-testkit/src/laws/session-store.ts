import { type LawsOptions, lawsOf } from '../harness.ts'
import { anyOwnerLaws } from './any-owner.ts'
import { sessionHistoryLaws } from './histories.ts'
import { manySessionsLaws } from './many-sessions.ts'
import { sessionQueryLaws } from './session-queries.ts'
import { sessionRaceLaws } from './session-races.ts'
import { sessionWriteLaws } from './session-writes.ts'

/** Registers one test per law of the `SessionStore` contract (SS). */
export function sessionStoreLaws(options: LawsOptions): void {
  const law = lawsOf(options)
  sessionWriteLaws(law)
  sessionQueryLaws(law)
  manySessionsLaws(law)
  anyOwnerLaws(law)
  sessionRaceLaws(law)
  sessionHistoryLaws(law)
}
