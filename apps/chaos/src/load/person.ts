import type { SessionHistory } from '../history/history.ts'
import type { Random } from '../random.ts'
import { ask, labelled, type SessionCookie, type Site } from './ask.ts'
import { signIn } from './sign-in.ts'

/** A session and the cookie that opens it. */
export interface OpenSession {
  readonly history: SessionHistory
  cookie: SessionCookie
}

/** Whether what ends a person's sessions ends this one. */
export type Reach = 'certain' | 'possible' | 'none'

/** How much later than its clock a logout token may be dated: its times are whole seconds. */
const WHOLE_SECOND_MS = 1000

/** Somebody with several browsers, whose sessions can be ended together. */
export class Person {
  readonly name: string
  readonly #site: Site
  readonly #random: Random
  readonly #toleranceMs: number
  readonly #open = new Set<OpenSession>()
  /** Endings of all their sessions; those still going on have no end. */
  readonly #endings: { readonly begin: number; readonly by: string; end: number | null }[] = []

  constructor(name: string, site: Site, random: Random, skewMs: number) {
    this.name = name
    this.#site = site
    this.#random = random
    this.#toleranceMs = WHOLE_SECOND_MS + skewMs
  }

  /** Sessions of which nobody asked the end. */
  open(): readonly OpenSession[] {
    return [...this.#open]
  }

  process(): number {
    return this.#random.below(this.#site.ports.length)
  }

  /** Signs in with one browser; `null` when that failed. */
  async signIn(): Promise<OpenSession | null> {
    const { recorder } = this.#site
    const { operation, cookie } = await signIn(this.#site, this.name, this.process(), this.process())
    const cause = this.#endings.find(({ end }) => end === null || end + this.#toleranceMs >= operation.begin)
    if (cookie === null) {
      // Ending all sessions of somebody also refuses a sign-in under way.
      if (cause === undefined) recorder.failedSignIns.push(operation)
      return null
    }
    const history = recorder.openSession(this.name, operation)
    if (cause !== undefined) history.endings.push({ by: cause.by, begin: cause.begin, acknowledged: null })
    const session = { history, cookie: labelled(this.#site, cookie) }
    this.#open.add(session)
    return session
  }

  /** Forgets a session, as it is over. */
  close(session: OpenSession): void {
    this.#open.delete(session)
  }

  /** Signs out of one session. `true` once that was acknowledged. */
  async signOut(session: OpenSession): Promise<boolean> {
    const acknowledge = this.#site.recorder.beginEnding('sign-out', [session.history])
    const { operation } = await ask(this.#site, session.history, session.cookie, 'signOut', this.process())
    if (operation.outcome === 'ok') acknowledge()
    return operation.outcome === 'ok'
  }

  /** Ends the person's other sessions from one of them. Gives those that are over for certain. */
  signOutOthers(session: OpenSession): Promise<readonly OpenSession[]> {
    return this.endAll(
      'sign-out of the others',
      async () => {
        const sent = ['DELETE', '/bff/sessions?except=current'] as const
        const { history, cookie } = session
        const { operation } = await ask(this.#site, history, cookie, 'signOut', this.process(), sent)
        return operation.outcome === 'ok'
      },
      (other) => (other === session ? 'none' : 'certain'),
    )
  }

  /**
   * Ends sessions by `act`, which says whether that was acknowledged; `reach` says which.
   * Gives those that are over for certain.
   */
  async endAll(
    by: string,
    act: () => Promise<boolean>,
    reach: (session: OpenSession) => Reach = () => 'certain',
  ): Promise<readonly OpenSession[]> {
    const { recorder } = this.#site
    const reached = (how: Reach) => [...this.#open].filter((session) => reach(session) === how)
    const histories = (sessions: readonly OpenSession[]) => sessions.map(({ history }) => history)
    const ended = reached('certain')
    const going: { begin: number; by: string; end: number | null } = { begin: recorder.now(), by, end: null }
    this.#endings.push(going)
    recorder.beginEnding(by, histories(reached('possible')))
    const acknowledge = recorder.beginEnding(by, histories(ended))
    const acknowledged = await act()
    going.end = recorder.now()
    if (!acknowledged) return []
    acknowledge()
    for (const session of ended) this.#open.delete(session)
    return ended
  }
}
