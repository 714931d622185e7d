import type { Session } from '../contracts/session.ts'
import type { RevocationCause } from '../contracts/session-revocation.ts'
import type { AnyOwnerFilter, Page, SessionFilter } from '../contracts/session-store.ts'
import type { ChangeOf, SessionChange } from '../contracts/sessions.ts'
import { type RevokePageDependencies, revokePage } from './revoke-page.ts'
import { type RotateDependencies, rotateSession } from './rotate-session.ts'
import { type UpdateDependencies, updateSession } from './update-session.ts'

/** Concurrent writers of one session are few: past this many lost races something else is wrong. */
const ATTEMPTS = 5

type ChangesDependencies<Metadata> = RevokePageDependencies &
  Omit<RotateDependencies<Metadata> & UpdateDependencies<Metadata>, 'attempts'>

/** What changes sessions, apart from requests and sign-ins. */
export function createChanges<Metadata>(dependencies: ChangesDependencies<Metadata>) {
  const writing = { ...dependencies, attempts: ATTEMPTS }
  return {
    rotate: (session: Session<Metadata>) => rotateSession(session, writing),
    update: (session: Pick<Session, 'handle'>, change: SessionChange<Metadata> | ChangeOf<Metadata>) =>
      updateSession(session, change, writing),
    revokePage: (filter: SessionFilter | AnyOwnerFilter, by: RevocationCause, page?: Page) =>
      revokePage(filter, by, page, dependencies),
  }
}
