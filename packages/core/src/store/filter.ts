import type { SessionRecord } from '../contracts/session.ts'
import type { SessionFilter } from '../contracts/session-store.ts'
import { BffError } from '../internal/bff-error.ts'

const FIELDS = ['userId', 'organizationId', 'issuer', 'providerSessionId', 'deviceId'] as const

/**
 * Refuses a filter that would reach across users: every store calls it before anything else (SS-17).
 *
 * @throws BffError `invalid_argument` when no owner is named, or a given member is not a non-empty string (`issuer` may
 * be `null`)
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
    'A filter must name userId, organizationId, or issuer with providerSessionId.',
  )
}

/** Whether a record is one of those the filter is about. */
export function matchesFilter(record: SessionRecord, filter: SessionFilter): boolean {
  return (
    record.handle !== filter.exceptHandle &&
    FIELDS.every((field) => filter[field] === undefined || filter[field] === record[field])
  )
}
