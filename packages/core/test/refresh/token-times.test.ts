import { expect, test } from 'vitest'
import { accessTokenTimes, hasMovedOn, refreshedTimes } from '../../src/session/token-times.ts'

const NOW = 1_000_000
const DEFAULT = 300_000
const LIVES = { defaultTokenLifeMs: DEFAULT, endWithAccessToken: true, canRefresh: true }
const YEAR = 366 * 86_400_000
const tokens = { expiresIn: 60, refreshToken: 'rt', refreshTokenExpiresIn: 120 }
const answer = {
  accessToken: 'at',
  idToken: null,
  scope: null,
  dpopKeyPair: null,
  claims: null,
  ...tokens,
}
const before = { accessTokenIssuedAt: 900_000, refreshTokenExpiresAt: 2_000_000 }

test('lives are taken in seconds from when the answer came [RFT-12]', () => {
  expect(accessTokenTimes(tokens, LIVES, NOW)).toEqual({
    accessTokenIssuedAt: NOW,
    accessTokenExpiresAt: NOW + 60_000,
    refreshTokenExpiresAt: NOW + 120_000,
  })
  expect(accessTokenTimes(null, LIVES, NOW)).toEqual({
    accessTokenIssuedAt: null,
    accessTokenExpiresAt: null,
    refreshTokenExpiresAt: null,
  })
})

test.each([null, 0, -5, Number.NaN])('a life of %s is not believed [RFT-12]', (expiresIn) => {
  const times = accessTokenTimes({ ...tokens, expiresIn, refreshTokenExpiresIn: expiresIn }, LIVES, NOW)
  expect(times.accessTokenExpiresAt).toBe(NOW + DEFAULT)
  expect(times.refreshTokenExpiresAt).toBe(null)
})

test.each([1e12, Number.POSITIVE_INFINITY])(
  'a life of %s seconds is clamped to a year [RFT-12]',
  (expiresIn) => {
    const times = accessTokenTimes({ ...tokens, expiresIn }, LIVES, NOW)
    expect(times.accessTokenExpiresAt).toBe(NOW + YEAR)
  },
)

test('the end of the refresh token moves with the answer, or stays with the token [RFT-01, BFF-17]', () => {
  const end = (change: Partial<typeof answer> | { refreshToken: null } | { refreshTokenExpiresIn: null }) =>
    refreshedTimes({ ...answer, ...change }, before, DEFAULT, NOW).refreshTokenExpiresAt
  expect(end({})).toBe(NOW + 120_000)
  expect(end({ refreshTokenExpiresIn: null })).toBe(null)
  expect(end({ refreshToken: null })).toBe(NOW + 120_000)
  expect(end({ refreshToken: null, refreshTokenExpiresIn: null })).toBe(2_000_000)
})

test('a refresh always moves the session on, whatever the clocks say [RFT-04]', () => {
  for (const now of [900_000, 899_000, NOW]) {
    expect(hasMovedOn(refreshedTimes(answer, before, DEFAULT, now), before)).toBe(true)
  }
  expect(hasMovedOn(before, before)).toBe(false)
  expect(hasMovedOn({ accessTokenIssuedAt: null }, before)).toBe(false)
})
