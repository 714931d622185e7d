import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isSessionHandle } from '../../src/internal/session-handle.ts'
import { generateSessionId, parseSessionId } from '../../src/session/id.ts'

describe('session ids', () => {
  test('are 43 base64url characters of 256 random bits [S1-4, CKS-07]', () => {
    const ids = Array.from({ length: 1000 }, generateSessionId)
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(new Set(ids).size).toBe(1000)
    // Every one of the 256 bits is seen set and unset: none is a version, time or counter as in a UUID.
    const bytes = ids.map((id) => Buffer.from(id, 'base64url'))
    for (let bit = 0; bit < 256; bit++) {
      const set = bytes.filter((id) => ((id[bit >> 3] ?? 0) >> (bit & 7)) & 1).length
      expect(set).toBeGreaterThan(300)
      expect(set).toBeLessThan(700)
    }
  })

  test('split into a handle of 16 and a secret of 27 characters', () => {
    const id = 'ABCDEFGHIJKLMNOPqrstuvwxyz0123456789_-ABCDE'
    expect(parseSessionId(id)).toEqual({ handle: 'ABCDEFGHIJKLMNOP', secret: 'qrstuvwxyz0123456789_-ABCDE' })
    const parts = parseSessionId(generateSessionId())
    expect(parts && isSessionHandle(parts.handle)).toBe(true)
  })

  test('nothing else is one [CKS-05, CKS-07]', () => {
    const id = generateSessionId()
    for (const value of [
      '',
      id.slice(1),
      `${id}A`,
      `"${id}"`,
      `${id}\n`,
      ` ${id.slice(1)}`,
      `${id.slice(0, 42)}=`,
      `${id.slice(0, 42)},`,
      `${id.slice(0, 40)}%41`,
      `${id.slice(0, 42)}é`,
      `=${id.slice(1)}`,
      '123e4567-e89b-42d3-a456-426614174000',
    ]) {
      expect(parseSessionId(value), JSON.stringify(value)).toBeNull()
    }
  })

  test('any text either is one in full or is none [CKS-05]', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'aZ09_-', '=', ' ', '\n', 'é'), minLength: 42, maxLength: 44 }),
        (value) => {
          expect(parseSessionId(value) !== null).toBe(/^[A-Za-z0-9_-]{43}$/.test(value))
        },
      ),
    )
  })

  test('handles are 16 base64url characters', () => {
    expect(isSessionHandle('ABCDEFGHIJKLMN_-')).toBe(true)
    for (const value of [
      '',
      'ABCDEFGHIJKLMNO',
      'ABCDEFGHIJKLMNOPQ',
      'ABCDEFGHIJKLMNO*',
      'ABCDEFGHIJKLMNOP\n',
    ]) {
      expect(isSessionHandle(value)).toBe(false)
    }
  })
})
