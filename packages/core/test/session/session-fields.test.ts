import { expect, test } from 'vitest'
import { fieldsWith, SESSION_FIELDS, type SessionFieldFacts } from '../../src/contracts/session-fields.ts'

test('no update changes a field that a session id is bound to', () => {
  const mutable = fieldsWith({ mutable: true })
  for (const bound of ['handle', 'userId', 'issuer', 'createdAt', 'absoluteExpiresAt'])
    expect(mutable).not.toContain(bound)
})

test('fieldsWith returns the fields that have all the given facts', () => {
  const facts: readonly (readonly [string, SessionFieldFacts])[] = Object.entries(SESSION_FIELDS)
  const found = facts.filter(([, { type, nullable }]) => type === 'time' && nullable).map(([name]) => name)
  expect(found.length).toBeGreaterThan(0)
  expect(fieldsWith({ type: 'time', nullable: true })).toEqual(found)
  expect(fieldsWith({ type: 'sealed', personal: 'plain' })).toEqual([])
})
