import type { Ending, Fault, History, Operation, SessionHistory } from './history.ts'

/** Writes down what happens. */
export interface Recorder extends History {
  readonly sessions: SessionHistory[]
  readonly failedSignIns: Operation[]
  readonly faults: Fault[]
  /** Milliseconds since the run began; the system's clock may step, this one does not. */
  now(): number
  openSession(user: string, signIn: Operation): SessionHistory
  /** Notes that something began to end these sessions. The result notes that it was acknowledged. */
  beginEnding(by: string, sessions: readonly SessionHistory[]): () => void
  /** Notes that something was broken for the last so many milliseconds. */
  noteFault(name: string, ms: number): void
  /** Notes that something is broken while `work` runs. */
  during(
    name: string,
    work: () => Promise<void>,
    options?: { readonly stopsProcesses?: boolean },
  ): Promise<void>
}

export function recorder(): Recorder {
  const start = performance.now()
  const now = () => performance.now() - start
  const sessions: SessionHistory[] = []
  const faults: Fault[] = []
  return {
    sessions,
    failedSignIns: [],
    faults,
    now,
    openSession(user, signIn) {
      const session = { id: `session ${sessions.length + 1}`, user, operations: [signIn], endings: [] }
      sessions.push(session)
      return session
    },
    beginEnding(by, ended) {
      const begin = now()
      const endings = ended.map((session) => {
        const ending: Ending = { by, begin, acknowledged: null }
        session.endings.push(ending)
        return ending
      })
      return () => {
        for (const ending of endings) ending.acknowledged = now()
      }
    },
    noteFault(name, ms) {
      faults.push({ name, begin: now() - ms, end: now(), stopsProcesses: false })
    },
    async during(name, work, { stopsProcesses = false } = {}) {
      const fault: Fault = { name, begin: now(), end: null, stopsProcesses }
      faults.push(fault)
      try {
        await work()
      } finally {
        fault.end = now()
      }
    },
  }
}
