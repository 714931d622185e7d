import { describe, expect, it } from 'vitest'
import { check } from '../src/history/check.ts'
import type { Ending, Fault, Operation } from '../src/history/history.ts'
import { INVARIANTS, type Limits } from '../src/history/invariants.ts'

const LIMITS: Limits = { healMs: 10_000, answerMs: 15_000, letInMs: 0 }

/** A call that is let in, unless told otherwise. */
function operation(begin: number, over: Partial<Operation> = {}): Operation {
  return {
    kind: 'call',
    process: 0,
    cookie: 'cookie 1',
    begin,
    end: begin + 10,
    status: 200,
    code: null,
    outcome: 'ok',
    user: 'user-1',
    setsCookie: 'no',
    ...over,
  }
}
const refused = { status: 401, code: 'invalid_session', outcome: 'ended', user: null } as const
const unavailable = { status: 503, code: 'store_unavailable', outcome: 'unavailable', user: null } as const
const broken = { status: 0, outcome: 'none', user: null } as const
const signedOut = (begin: number, acknowledged: number | null): Ending => ({
  by: 'sign-out',
  begin,
  acknowledged,
})

/** What the checker finds in one session's history, by the names of the invariants. */
function found(
  operations: readonly Operation[],
  { endings = [], faults = [] }: { endings?: Ending[]; faults?: Fault[] } = {},
): string[] {
  const signIn = operation(0, { kind: 'signIn', setsCookie: 'new' })
  const session = { id: 'session 1', user: 'user-1', operations: [signIn, ...operations], endings }
  const { violations } = check({ sessions: [session], failedSignIns: [], faults }, LIMITS)
  return violations.map(({ invariant }) => invariant)
}

const outage = (begin: number, end: number | null, stopsProcesses = false): Fault => ({
  name: 'outage',
  begin,
  end,
  stopsProcesses,
})

describe('the checker finds a planted fault', () => {
  it('a request let in after its sign-out was acknowledged', () => {
    expect(found([operation(200)], { endings: [signedOut(100, 110)] })).toEqual(['let in after the end'])
  })

  it('a sign-out that nothing asked for', () => {
    expect(found([operation(100, refused)])).toEqual(['signed out without an end'])
  })

  it('a sign-out told before anybody asked for one', () => {
    expect(found([operation(100, refused)], { endings: [signedOut(200, 210)] })).toEqual([
      'signed out without an end',
    ])
  })

  it("somebody else's answer", () => {
    expect(found([operation(100, { user: 'user-2' })])).toEqual(["somebody else's answer"])
  })

  it('a new cookie from a request that may set none', () => {
    expect(found([operation(100, { setsCookie: 'new' })])).toEqual(['cookie set'])
  })

  it('the deletion of a living session’s cookie', () => {
    expect(found([operation(100, { setsCookie: 'deletes' })])).toEqual(['cookie deleted'])
  })

  it('an outage that deletes the cookie, even of a session that has ended', () => {
    const faults = [outage(50, null)]
    const endings = [signedOut(60, null)]
    expect(found([operation(100, { ...unavailable, setsCookie: 'deletes' })], { faults, endings })).toEqual([
      'cookie deleted',
    ])
  })

  it('an outage that is told as something else', () => {
    const faults = [outage(50, null)]
    expect(found([operation(100, { status: 500, outcome: 'other' })], { faults })).toEqual([
      'unexpected answer',
    ])
    expect(found([operation(100, refused)], { faults })).toEqual(['signed out without an end'])
  })

  it('a 503 while nothing is broken, and one long after the fault was mended', () => {
    expect(found([operation(100, unavailable)])).toEqual(['not healed'])
    expect(found([operation(10_301, unavailable)], { faults: [outage(50, 300)] })).toEqual(['not healed'])
  })

  it('a broken connection while no process was stopped', () => {
    expect(found([operation(100, broken)], { faults: [outage(50, null)] })).toEqual(['not healed'])
  })

  it('an answer that takes longer than any may', () => {
    expect(found([operation(100, { end: 15_200 })])).toEqual(['slow answer'])
  })

  it('a sign-in that fails while nothing is broken', () => {
    const failed = operation(100, { kind: 'signIn', ...unavailable })
    const { violations, requests } = check({ sessions: [], failedSignIns: [failed], faults: [] }, LIMITS)
    expect(violations.map(({ invariant }) => invariant)).toEqual(['not healed'])
    expect(requests).toBe(1)
  })
})

describe('each invariant', () => {
  it.each(INVARIANTS.map(({ name }) => name))('is shown to be needed by a planted fault: %s', (name) => {
    const faults = [outage(50, 60)]
    const planted: Operation[] = [
      operation(200),
      operation(100, { user: 'user-2' }),
      operation(100, { setsCookie: 'new' }),
      operation(100, { ...unavailable, setsCookie: 'deletes' }),
      operation(100, { status: 500, outcome: 'other' }),
      operation(100, { end: 60_000 }),
      operation(20_000, unavailable),
    ]
    const all = [
      ...found(planted, { faults, endings: [signedOut(110, 120)] }),
      ...found([operation(100, refused)]),
    ]
    expect(all).toContain(name)
  })
})

describe('the checker finds nothing in what may happen', () => {
  it('a session that works, rotates, ends and is refused', () => {
    const operations = [
      operation(100),
      operation(150, { kind: 'rotate', setsCookie: 'new' }),
      operation(200, { kind: 'signOut', setsCookie: 'deletes' }),
      operation(300, { ...refused, setsCookie: 'deletes' }),
    ]
    expect(found(operations, { endings: [signedOut(200, 210)] })).toEqual([])
  })

  it('requests that were under way when the sign-out was acknowledged, either way', () => {
    const endings = [signedOut(100, 150)]
    expect(found([operation(140), operation(145, refused)], { endings })).toEqual([])
  })

  it('both answers after a sign-out that was never acknowledged', () => {
    expect(found([operation(200), operation(300, refused)], { endings: [signedOut(100, null)] })).toEqual([])
  })

  it('503 in an outage and until it has healed', () => {
    const faults = [outage(50, 300)]
    expect(found([operation(100, unavailable), operation(10_000, unavailable)], { faults })).toEqual([])
  })

  it('broken connections and slow answers while a process is stopped', () => {
    const faults = [outage(50, null, true)]
    expect(found([operation(100, broken), operation(200, { end: 20_000 })], { faults })).toEqual([])
  })
})

describe('the figures', () => {
  it('tell how long it took until the last failure after each fault', () => {
    const operations = [
      operation(100, unavailable),
      operation(1_300, unavailable),
      operation(5_200, unavailable),
    ]
    const session = { id: 'session 1', user: 'user-1', operations, endings: [] }
    const faults = [outage(50, 300), { ...outage(5_000, 5_100), name: 'second' }]
    const { healMs } = check({ sessions: [session], failedSignIns: [], faults }, LIMITS)
    expect([...healMs]).toEqual([
      ['outage', 1_000],
      ['second', 100],
    ])
  })

  it('count a session that was signed out wrongly once', () => {
    const operations = [operation(100, refused), operation(200, refused)]
    const session = { id: 'session 1', user: 'user-1', operations, endings: [] }
    const { lost, letInAfterEnd } = check({ sessions: [session], failedSignIns: [], faults: [] }, LIMITS)
    expect([lost, letInAfterEnd]).toEqual([1, 0])
  })
})
