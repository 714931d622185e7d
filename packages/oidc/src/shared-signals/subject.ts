import type { SessionFilter } from '@bff/core'
import { isObject } from '../answer.ts'

/**
 * A subject identifier (RFC 9493): `iss_sub`, `email`, `opaque`, `aliases` …; or `complex`, whose members such as `user` and
 * `session` are subject identifiers themselves (OpenID Shared Signals Framework 1.0 §3).
 */
export type SubjectIdentifier = Readonly<Record<string, unknown>> & { readonly format: string }

/** Returns a subject identifier; `null` for anything else. */
export function readSubject(value: unknown): SubjectIdentifier | null {
  if (!isObject(value)) return null
  // Google still sends the name and the spelling of a draft.
  const format = value['format'] ?? textOf(value['subject_type'])?.replaceAll('-', '_')
  return typeof format === 'string' && format !== '' ? { ...value, format } : null
}

/**
 * Returns the filters that match the sessions of a subject: those of a user at one of the providers, or of a provider's
 * session. An empty list for a subject that only the app can know, such as an e-mail address.
 *
 * @param issuers the providers whose users and sessions the sender may speak of
 */
export function filtersOf(subject: SubjectIdentifier, issuers: readonly string[]): readonly SessionFilter[] {
  switch (subject.format) {
    case 'iss_sub':
      return userOf(subject, issuers)
    case 'complex':
      return partsOf(readSubject(subject['user']), readSubject(subject['session']), issuers)
    case 'aliases':
      return [subject['identifiers']]
        .flat()
        .flatMap((one) => readSubject(one) ?? [])
        .filter(({ format }) => format !== 'aliases')
        .flatMap((one) => filtersOf(one, issuers))
    default:
      return []
  }
}

function userOf({ iss, sub }: SubjectIdentifier, issuers: readonly string[]): readonly SessionFilter[] {
  const issuer = issuers.find((known) => known === iss)
  const subject = textOf(sub)
  return issuer === undefined || subject === null ? [] : [{ issuer, subject }]
}

/** The members of a complex subject describe one thing together: a session of a user is only that session. */
function partsOf(
  user: SubjectIdentifier | null,
  session: SubjectIdentifier | null,
  issuers: readonly string[],
): readonly SessionFilter[] {
  const users = user === null ? [] : filtersOf(user, issuers)
  if (session === null || (user?.format === 'iss_sub' && users.length === 0)) return users
  const providerSessionId = textOf(session['id']) ?? textOf(session['sub'])
  if (providerSessionId === null) return users
  const named = textOf(session['iss'])
  if (named !== null && !issuers.includes(named)) return []
  if (users.length > 0) return users.map((one) => ({ ...one, providerSessionId }))
  return (named === null ? issuers : [named]).map((issuer) => ({ issuer, providerSessionId }))
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}
