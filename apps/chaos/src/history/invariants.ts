import type { Fault, Operation, SessionHistory } from './history.ts'

/** What an experiment allows; all times in milliseconds. */
export interface Limits {
  /** After a fault is mended, everything works again within this. */
  readonly healMs: number
  /** No answer takes longer. */
  readonly answerMs: number
  /** After an acknowledged end somebody may still be let in for so long. */
  readonly letInMs: number
}

/** What must never happen in the history of one session: a sentence for each operation that shows it. */
export interface Invariant {
  readonly name: string
  readonly brokenBy: (
    operation: Operation,
    session: SessionHistory,
    faults: readonly Fault[],
    limits: Limits,
  ) => string | null
}

const mayHaveEnded = ({ endings }: SessionHistory, { end }: Operation): boolean =>
  endings.some(({ begin }) => begin <= end)

/** Whether the operation ran in the fault, or before it had healed. */
function isIn(fault: Fault, { begin, end }: Operation, healMs: number): boolean {
  return end >= fault.begin && (fault.end === null || begin <= fault.end + healMs)
}

export const INVARIANTS: readonly Invariant[] = [
  {
    name: 'let in after the end',
    brokenBy({ kind, begin, outcome }, { endings }, _faults, { letInMs }) {
      if (outcome !== 'ok' || kind === 'signIn' || kind === 'signOut') return null
      const over = endings.find(({ acknowledged }) => acknowledged !== null && begin > acknowledged + letInMs)
      if (over?.acknowledged == null) return null
      return `let in ${Math.round(begin - over.acknowledged)} ms after the ${over.by} was acknowledged`
    },
  },
  {
    name: 'signed out without an end',
    brokenBy(operation, session) {
      if (operation.outcome !== 'ended' || mayHaveEnded(session, operation)) return null
      return `told that it is signed out (${operation.status} ${operation.code ?? ''}), though nothing had ended the session`
    },
  },
  {
    name: "somebody else's answer",
    brokenBy: ({ user }, session) =>
      user === null || user === session.user ? null : `got an answer about ${user}`,
  },
  {
    name: 'cookie set',
    brokenBy: ({ kind, setsCookie }) =>
      setsCookie === 'new' && kind !== 'signIn' && kind !== 'rotate'
        ? `a ${kind} set a new session cookie`
        : null,
  },
  {
    name: 'cookie deleted',
    brokenBy(operation, session) {
      if (operation.setsCookie !== 'deletes') return null
      const { outcome, status } = operation
      if (outcome !== 'ok' && outcome !== 'ended') return `an answer with ${status} deletes the cookie`
      return mayHaveEnded(session, operation) ? null : 'the cookie of a living session was deleted'
    },
  },
  {
    name: 'unexpected answer',
    brokenBy: ({ kind, outcome, status, code }) =>
      outcome === 'other' ? `a ${kind} was answered with ${status} ${code ?? ''}` : null,
  },
  {
    name: 'not healed',
    brokenBy(operation, _session, faults, { healMs }) {
      const { kind, outcome, status, code } = operation
      if (outcome !== 'unavailable' && outcome !== 'none') return null
      const excuses = faults.filter((fault) => isIn(fault, operation, healMs))
      if (outcome === 'unavailable' && excuses.length > 0) return null
      if (outcome === 'none' && excuses.some(({ stopsProcesses }) => stopsProcesses)) return null
      return `a ${kind} ${outcome === 'none' ? 'got no answer' : `was answered with ${status} ${code ?? ''}`}, and nothing was broken any more`
    },
  },
  {
    name: 'slow answer',
    brokenBy({ kind, begin, end }, _session, faults, { answerMs }) {
      const took = Math.round(end - begin)
      const stood = faults.some(
        (fault) => fault.stopsProcesses && end >= fault.begin && begin <= (fault.end ?? end),
      )
      return took > answerMs && !stood ? `a ${kind} took ${took} ms` : null
    },
  },
]
