import type { Fault, History, Operation, SessionHistory } from './history.ts'
import { INVARIANTS, type Limits } from './invariants.ts'

/** An invariant that a run broke. */
export interface Violation {
  readonly invariant: string
  readonly sentence: string
  /** Where; `null` for what concerns the whole run. */
  readonly session: SessionHistory | null
  readonly operation: Operation | null
}

/** What the checker makes of a run. */
export interface Verdict {
  readonly violations: readonly Violation[]
  /** Operations in all, failed sign-ins included. */
  readonly requests: number
  readonly letInAfterEnd: number
  /** Sessions that were signed out though nothing ended them. */
  readonly lost: number
  /** The longest time from a fault's mending to the last failure, in milliseconds; by the name of the fault. */
  readonly healMs: ReadonlyMap<string, number>
}

/** Judges what happened by the invariants. */
export function check(history: History, limits: Limits): Verdict {
  const { sessions, failedSignIns, faults } = history
  const violations: Violation[] = []
  const judge = (session: SessionHistory, operations: readonly Operation[]) => {
    for (const operation of operations)
      for (const { name, brokenBy } of INVARIANTS) {
        const sentence = brokenBy(operation, session, faults, limits)
        if (sentence !== null) violations.push({ invariant: name, sentence, session, operation })
      }
  }
  for (const session of sessions) judge(session, session.operations)
  for (const operation of failedSignIns)
    judge({ id: 'none', user: operation.user ?? '', operations: [operation], endings: [] }, [operation])

  const operations = [...sessions.flatMap((session) => session.operations), ...failedSignIns]
  const broken = (name: string) => violations.filter(({ invariant }) => invariant === name)
  return {
    violations,
    requests: operations.length,
    letInAfterEnd: broken('let in after the end').length,
    lost: new Set(broken('signed out without an end').map(({ session }) => session)).size,
    healMs: timesToHeal(operations, faults),
  }
}

function timesToHeal(operations: readonly Operation[], faults: readonly Fault[]): Map<string, number> {
  const times = new Map<string, number>()
  const failures = operations.filter(({ outcome }) => outcome === 'unavailable' || outcome === 'none')
  for (const { name, end } of faults) {
    if (end === null) continue
    const next = Math.min(...faults.filter(({ begin }) => begin > end).map(({ begin }) => begin), Infinity)
    const late = failures.filter(({ begin, end: answered }) => begin > end && answered < next)
    const longest = Math.max(0, ...late.map(({ begin }) => begin - end))
    times.set(name, Math.max(times.get(name) ?? 0, longest))
  }
  return times
}
