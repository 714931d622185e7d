import type { SessionFilter } from '@bff/core'
import { sessionKey } from './record.ts'
import type { Expression } from './table.ts'
import type { Value } from './values.ts'

const FIELDS = ['userId', 'organizationId', 'issuer', 'subject', 'providerSessionId', 'deviceId'] as const

/** `matchesFilter` as a condition. */
export function matches(filter: SessionFilter): Expression {
  const values: Record<string, Value> = {}
  const parts = ['attribute_exists(#pk)']
  for (const field of FIELDS) {
    const wanted = filter[field]
    if (wanted === null) parts.push(`attribute_not_exists(#${field})`)
    else if (wanted !== undefined) {
      parts.push(`#${field} = :${field}`)
      values[field] = wanted
    }
  }
  if (filter.exceptHandle !== undefined) {
    parts.push('#pk <> :except')
    values['except'] = sessionKey(filter.exceptHandle).pk
  }
  return { expression: parts.join(' AND '), values }
}

/** The session is still that of this creation of its handle. */
export const createdAs = (entry: string): Expression => ({
  expression: '#entry = :entry',
  values: { entry },
})

/** Neither revoked nor expired. */
export const active = (now: number): Expression => ({
  expression: `attribute_not_exists(#revocation) AND NOT (${EXPIRED})`,
  values: { now },
})

/** Expired, or revoked for longer than a revoked session is kept. */
export const due = (now: number, revokedBefore: number): Expression => ({
  expression: `(attribute_not_exists(#revocation) AND (${EXPIRED})) OR #revocation.#at < :revokedBefore`,
  values: { now, revokedBefore },
})

/** As `isExpired` of core: a time that is absent is never past. */
const EXPIRED = '#expiresAt < :now OR #absoluteExpiresAt < :now OR #refreshTokenExpiresAt < :now'

export function all(...conditions: readonly (Expression | string)[]): Expression {
  const each = conditions.map((one): Expression => (typeof one === 'string' ? { expression: one } : one))
  const values = Object.assign({}, ...each.map((one) => one.values)) as Readonly<Record<string, Value>>
  return {
    expression: each.map((one) => `(${one.expression})`).join(' AND '),
    ...(Object.keys(values).length > 0 && { values }),
  }
}
