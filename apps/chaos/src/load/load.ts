import { setMaxListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from '../random.ts'
import { ask, labelled, type Site, sessionCookieOf } from './ask.ts'
import { type OpenSession, Person } from './person.ts'

/** How likely each act is; what is left are calls of the API. */
export interface Profile {
  /** `GET /bff/session`. */
  readonly session: number
  /** `POST /bff/refresh`. */
  readonly refresh: number
  /** Calls at several processes at once. */
  readonly burst: number
  /** Two rotations while a call is under way. */
  readonly rotate: number
  readonly signOut: number
  /** `DELETE /bff/sessions?except=current`. */
  readonly others: number
  /** The longest pause between two acts, in milliseconds. */
  readonly pauseMs: number
}

export const USUAL: Profile = {
  session: 0.15,
  refresh: 0.05,
  burst: 0.15,
  rotate: 0.02,
  signOut: 0.03,
  others: 0.01,
  pauseMs: 400,
}

export interface LoadOptions {
  readonly site: Site
  readonly random: Random
  readonly people: number
  readonly profile: Profile
  /** How far clocks are apart, in milliseconds. */
  readonly skewMs: number
}

export interface Load {
  readonly people: readonly Person[]
  /** Sessions whose end was acknowledged: their cookies are tried again and again. */
  readonly over: readonly OpenSession[]
  /** Notes sessions as over for certain, and tries their cookies everywhere at once. */
  bury(sessions: readonly OpenSession[]): Promise<void>
  /** Sends so many requests to each process at once, with the sessions there are: enough to use up a pool. */
  crowd(kind: 'session' | 'refresh', count: number): Promise<void>
  /** Signs so many sessions out at once, and tries the cookies of those that were acknowledged. */
  signOutMany(count: number): Promise<void>
  /** Resolves when every browser has finished what it does. */
  stop(): Promise<void>
}

const BROWSERS = 2
const AFTER_FAILURE_MS = 300
const GHOST_MS = 60

/** People with two browsers each, who sign in, work, and sign out until they are told to stop. */
export function startLoad({ site, random, people: count, profile, skewMs }: LoadOptions): Load {
  const stopping = new AbortController()
  setMaxListeners(0, stopping.signal)
  const over: OpenSession[] = []
  const people = Array.from(
    { length: count },
    (_, index) => new Person(`user-${index}`, site, random.fork(`person ${index}`), skewMs),
  )
  const pause = (ms: number) => sleep(ms, undefined, { signal: stopping.signal }).catch(() => {})

  async function bury(sessions: readonly OpenSession[]): Promise<void> {
    over.push(...sessions)
    const tries = sessions.flatMap(({ history, cookie }) =>
      site.ports.map((_, process) => ask(site, history, cookie, process === 0 ? 'session' : 'call', process)),
    )
    await Promise.all(tries)
  }

  async function crowd(kind: 'session' | 'refresh', size: number): Promise<void> {
    const sessions = people.flatMap((person) => person.open())
    const requests = site.ports.flatMap((_, process) =>
      Array.from({ length: size }, (_none, index) => {
        const session = sessions[index % sessions.length]
        return session === undefined ? [] : ask(site, session.history, session.cookie, kind, process)
      }),
    )
    await Promise.all(requests)
  }

  async function signOutMany(size: number): Promise<void> {
    const owned = people.flatMap((person) => person.open().map((session) => ({ person, session })))
    await Promise.all(
      owned.slice(0, size).map(async ({ person, session }) => {
        if (!(await person.signOut(session))) return
        person.close(session)
        await bury([session])
      }),
    )
  }

  async function browse(person: Person, choices: Random): Promise<void> {
    let session: OpenSession | null = null
    while (!stopping.signal.aborted) {
      if (session === null) {
        session = await person.signIn()
        await pause(session === null ? AFTER_FAILURE_MS : choices.below(profile.pauseMs))
        continue
      }
      if (!(await act(person, session, choices))) {
        person.close(session)
        session = null
      }
      await pause(choices.below(profile.pauseMs))
    }
  }

  /** One act with a session; `false`: the session is over. */
  async function act(person: Person, session: OpenSession, choices: Random): Promise<boolean> {
    const { history, cookie } = session
    let dice = choices.below(1e6) / 1e6
    const falls = (probability: number): boolean => {
      dice -= probability
      return dice < 0
    }
    const isLive = async (kind: 'call' | 'session' | 'refresh', process = person.process()) =>
      (await ask(site, history, cookie, kind, process)).operation.outcome !== 'ended'

    if (falls(profile.session)) return isLive('session')
    if (falls(profile.refresh)) return isLive('refresh')
    if (falls(profile.burst)) {
      const calls = await Promise.all(site.ports.map((_, process) => isLive('call', process)))
      return calls.every(Boolean)
    }
    if (falls(profile.rotate)) return rotateTwice(person, session)
    if (falls(profile.signOut)) {
      if (!(await person.signOut(session))) return isLive('session')
      await bury([session])
      return false
    }
    if (falls(profile.others)) {
      await bury(await person.signOutOthers(session))
      return isLive('session')
    }
    return isLive('call')
  }

  /** A change of privilege twice in a row, while a request with the first cookie is under way. */
  async function rotateTwice(person: Person, session: OpenSession): Promise<boolean> {
    const early = ask(site, session.history, session.cookie, 'call', person.process())
    const results = []
    for (let turn = 0; turn < 2; turn += 1) {
      const rotated = await ask(site, session.history, session.cookie, 'rotate', person.process())
      results.push(rotated)
      const value = rotated.answer === null ? null : sessionCookieOf(rotated.answer)
      if (rotated.operation.outcome !== 'ok' || value === null) {
        // The new cookie may be lost on the way, and the old one is honoured for a grace only.
        site.recorder.beginEnding('lost rotation', [session.history])
        break
      }
      session.cookie = labelled(site, value)
    }
    results.push(await early)
    return results.every(({ operation }) => operation.outcome !== 'ended')
  }

  /** The cookies of sessions that are over, tried again for as long as the run lasts. */
  async function haunt(choices: Random): Promise<void> {
    while (!stopping.signal.aborted) {
      const ghost = over[choices.below(over.length)]
      if (ghost !== undefined) {
        const kind = choices.chance(0.5) ? 'call' : 'session'
        await ask(site, ghost.history, ghost.cookie, kind, choices.below(site.ports.length))
      }
      await pause(GHOST_MS)
    }
  }

  const loops = people.flatMap((person) =>
    Array.from({ length: BROWSERS }, (_, index) => browse(person, random.fork(`${person.name} ${index}`))),
  )
  loops.push(haunt(random.fork('ghosts')))
  return {
    people,
    over,
    bury,
    crowd,
    signOutMany,
    async stop() {
      stopping.abort()
      await Promise.all(loops)
    },
  }
}
