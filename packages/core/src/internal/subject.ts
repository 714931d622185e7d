import type { SessionRecord } from '../contracts/session.ts'
import type { SessionFilter } from '../contracts/session-store.ts'

/** Returns who the user of a session is at its provider. */
export const subjectOf = ({ subject, userId }: Pick<SessionRecord, 'subject' | 'userId'>) => subject ?? userId

/** Returns the filters that together match the sessions of a provider's subject, each session once. */
export const filtersOfSubject = (issuer: string | null, subject: string): SessionFilter[] => [
  ...(issuer === null ? [] : [{ issuer, subject }]),
  { issuer, userId: subject, subject: null },
]
