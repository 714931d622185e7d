import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { BFF_ERROR_CODES } from '../src/contracts/error-codes.ts'
import { BffError, isBffError } from '../src/internal/bff-error.ts'

/** The rows of docs/errors.md: code, status, sentence. */
function documentedErrors(): Map<string, { status: number; message: string }> {
  const text = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8')
  const rows = text.matchAll(/^\| `([a-z_]+)` +\| (\d{3}) +\| (.+?) +\|/gm)
  return new Map(
    [...rows].map(([, code = '', status, message = '']) => [code, { status: Number(status), message }]),
  )
}

describe('docs/errors.md', () => {
  it('lists every code in the order of the source, and no other', () => {
    expect([...documentedErrors().keys()]).toEqual([...BFF_ERROR_CODES])
  })

  it('tells the status and the sentence each code answers with', () => {
    const actual = BFF_ERROR_CODES.map((code) => {
      const { status, message } = new BffError(code)
      return [code, { status, message }]
    })
    expect(Object.fromEntries(documentedErrors())).toEqual(Object.fromEntries(actual))
  })
})

describe('BffError', () => {
  it('carries a stable code, its status and its sentence [S1-1]', () => {
    const error = new BffError('session_expired')
    expect(error).toMatchObject({ name: 'BffError', code: 'session_expired', status: 401, retryAfter: null })
    expect(error.message).toBe('Your session has expired. Sign in again.')
  })

  it('keeps its cause out of message and JSON', () => {
    const error = new BffError('provider_unavailable', undefined, {
      cause: new Error('inner'),
      retryAfter: 7,
    })
    expect(error.cause).toBeInstanceOf(Error)
    expect(error.message).not.toContain('inner')
    expect(JSON.stringify(error)).not.toContain('inner')
    expect(error.retryAfter).toBe(7)
  })

  it('is told apart by code, also from a copy of the class in another install', () => {
    class Foreign extends Error {
      override readonly name = 'BffError'
      readonly code = 'store_full'
    }
    expect(isBffError(new Foreign('x'))).toBe(true)
    expect(isBffError(new Foreign('x'), 'store_full')).toBe(true)
    expect(isBffError(new Foreign('x'), 'not_found')).toBe(false)
  })

  it.each([
    ['a plain error', new Error('x')],
    ['an object of the same shape', { name: 'BffError', code: 'not_found' }],
    ['nothing', null],
    ['a text', 'BffError'],
    ['a code nobody knows', Object.assign(new Error('x'), { name: 'BffError', code: 'nonsense' })],
    ['an inherited name for a code', Object.assign(new Error('x'), { name: 'BffError', code: 'toString' })],
  ])('does not take %s for one', (_, value) => {
    expect(isBffError(value)).toBe(false)
  })
})
