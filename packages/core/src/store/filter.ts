import type { SessionRecord } from '../contracts/session.ts'
import type { SessionFilter } from '../contracts/session-store.ts'
import { BffError } from '../internal/bff-error.ts'

const FIELDS = ['userId', 'organizationId', 'issuer', 'providerSessionId', 'deviceId'] as const

/**
 * Throws for a filter that would reach across users. Every store calls it first (SS-17).
 *
 * @throws BffError `invalid_argument` when the filter names no owner, or a member is not a non-empty string (`issuer` may be
 * `null`)
 */
export function requireOwner(filter: SessionFilter): void {
  for (const field of [...FIELDS, 'exceptHandle'] as const) {
    const value: unknown = filter[field]
    if (value === undefined || (value === null && field === 'issuer')) continue
    if (typeof value !== 'string' || value === '') {
      throw new BffError('invalid_argument', `The filter's ${field} must be a non-empty string, or left out.`)
    }
  }
  const { userId, organizationId, issuer, providerSessionId } = filter
  if (userId ?? organizationId ?? (issuer && providerSessionId)) return
  throw new BffError(
    'invalid_argument',
    'A filter must name userId, organizationId, or issuer with providerSessionId. Add one of them.',
  )
}

/** Returns whether a record matches the filter. */
export function matchesFilter(record: SessionRecord, filter: SessionFilter): boolean {
  return (
    record.handle !== filter.exceptHandle &&
    FIELDS.every((field) => filter[field] === undefined || filter[field] === record[field])
  )
}
