import { expect, test } from 'vitest'
import {
  hasDpop,
  isAccessTokenExpired,
  isExpired,
  isRefreshTokenExpired,
  needsRefresh,
} from '../../src/internal/lifetime.ts'

const END = 1_000_000
const times = (changes: Partial<Parameters<typeof isExpired>[0]> = {}) => ({
  expiresAt: END + 9,
  absoluteExpiresAt: END + 9,
  accessTokenIssuedAt: null,
  accessTokenExpiresAt: null,
  refreshTokenExpiresAt: null,
  ...changes,
})

test('a session is over strictly after the first of its three ends [S1-7]', () => {
  for (const limit of ['expiresAt', 'absoluteExpiresAt', 'refreshTokenExpiresAt'] as const) {
    const session = times({ [limit]: END })
    expect([isExpired(session, END), isExpired(session, END + 1)]).toEqual([false, true])
  }
})

test('a token is over strictly after its end, and not at all where there is none [S1-7]', () => {
  const session = times({ accessTokenExpiresAt: END, refreshTokenExpiresAt: END })
  for (const isOver of [isAccessTokenExpired, isRefreshTokenExpired])
    expect([isOver(session, END), isOver(session, END + 1), isOver(times(), END + 1)]).toEqual([
      false,
      true,
      false,
    ])
})

test('a refresh is due when the threshold reaches past the end, at most a fifth of the life early [S1-7]', () => {
  const long = times({ accessTokenIssuedAt: END - 3_600_000, accessTokenExpiresAt: END })
  const short = times({ accessTokenIssuedAt: END - 60_000, accessTokenExpiresAt: END })
  const due = (session: typeof long, before: number) => needsRefresh(session, 300_000, END - before)
  expect([due(long, 300_000), due(long, 299_999)]).toEqual([false, true])
  expect([due(short, 12_000), due(short, 11_999)]).toEqual([false, true])
  expect(needsRefresh(times(), 300_000, END)).toBe(false)
})

test('a session is bound to a key only with both the pair and its thumbprint [S1-8]', () => {
  const dpopKeyPairEncrypted = new Uint8Array(1)
  expect(hasDpop({ dpopKeyPairEncrypted, dpopThumbprint: 't' })).toBe(true)
  expect(hasDpop({ dpopKeyPairEncrypted, dpopThumbprint: null })).toBe(false)
  expect(hasDpop({ dpopKeyPairEncrypted: null, dpopThumbprint: 't' })).toBe(false)
})

test.each([undefined, Number.NaN, '9999999999999', new Date(END * 2), null])(
  'a session whose times are %s is over, whatever a store says',
  (time) => {
    for (const limit of [
      'expiresAt',
      'absoluteExpiresAt',
      'refreshTokenExpiresAt',
      'accessTokenExpiresAt',
    ] as const) {
      const session = { ...times(), [limit]: time } as Parameters<typeof isExpired>[0]
      // Of the tokens, `null` says that the end is unknown.
      const isOver = time !== null || limit === 'expiresAt' || limit === 'absoluteExpiresAt'
      const judged =
        limit === 'accessTokenExpiresAt' ? isAccessTokenExpired(session, END) : isExpired(session, END)
      expect([limit, judged]).toEqual([limit, isOver])
    }
    if (time !== null)
      expect(needsRefresh({ ...times(), accessTokenExpiresAt: time as number }, 300_000, END)).toBe(true)
  },
)
