import type { SessionRecord } from '../contracts/session.ts'
import type { AnyOwnerFilter, SessionFilter } from '../contracts/session-store.ts'
import { BffError } from '../internal/bff-error.ts'

const FIELDS = ['userId', 'organizationId', 'issuer', 'subject', 'providerSessionId', 'deviceId'] as const
/** `null` in a filter means: only sessions without one. */
const NULLABLE: ReadonlySet<string> = new Set(['issuer', 'subject'])

/**
 * Throws for a filter that would reach across users. Every store calls it first in `revokeAll` and `deleteAll` (SS-17).
 *
 * @throws BffError `invalid_argument` when the filter names no owner, or a member is not a non-empty string (`issuer` and
 * `subject` may be `null`)
 */
export function requireOwner(filter: SessionFilter): void {
  if (isOfAnyOwner(filter))
    throw new BffError(
      'invalid_argument',
      "No single call ends the sessions of every owner. Name an owner, or list them with owner: 'any' and end each.",
    )
}

/**
 * Checks a filter of `list` or `countActive`, and returns whether it selects sessions of any owner. Every store calls it
 * first (SS-32).
 *
 * @throws BffError `invalid_argument` as {@link requireOwner}, but not for `owner: 'any'`
 */
export function isOfAnyOwner(filter: SessionFilter | AnyOwnerFilter): filter is AnyOwnerFilter {
  for (const field of [...FIELDS, 'exceptHandle'] as const) {
    const value: unknown = filter[field]
    if (value === undefined || (value === null && NULLABLE.has(field))) continue
    if (typeof value !== 'string' || value === '') {
      throw new BffError('invalid_argument', `The filter's ${field} must be a non-empty string, or left out.`)
    }
  }
  const owner: unknown = 'owner' in filter ? filter.owner : undefined
  if (owner === 'any') return true
  const { userId, organizationId, issuer, subject, providerSessionId } = filter
  const isNamed = userId ?? organizationId ?? (issuer && (subject || providerSessionId))
  if (owner === undefined && isNamed) return false
  throw new BffError(
    'invalid_argument',
    "A filter must name userId, organizationId, or issuer with subject or providerSessionId, or have owner: 'any'. Add one.",
  )
}

/** Returns whether a record matches the filter. */
export function matchesFilter(record: SessionRecord, filter: SessionFilter): boolean {
  return (
    record.handle !== filter.exceptHandle &&
    FIELDS.every((field) => filter[field] === undefined || filter[field] === record[field])
  )
}
