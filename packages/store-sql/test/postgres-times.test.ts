import { expect, test } from 'vitest'
import { postgres } from '../src/postgres/dialect.ts'
import { decoder } from '../src/sql/codecs.ts'

const readTime = decoder(postgres.codecs, 'time')

const TIMES: readonly (readonly [text: string, iso: string])[] = [
  ['2026-11-30T16:36:20.123+00:00', '2026-11-30T16:36:20.123Z'],
  ['2026-11-30T16:36:20.05+00:00', '2026-11-30T16:36:20.050Z'],
  ['2026-11-30T16:36:20.57+00:00', '2026-11-30T16:36:20.570Z'],
  ['2024-02-29T00:00:00+00:00', '2024-02-29T00:00:00.000Z'],
  ['1970-01-01T00:00:00.001+00:00', '1970-01-01T00:00:00.001Z'],
  ['2026-11-30T16:36:20.123456+00:00', '2026-11-30T16:36:20.123Z'],
  ['2026-11-30T18:36:20.123+02:00', '2026-11-30T16:36:20.123Z'],
  ['2026-11-30T22:06:20+05:30', '2026-11-30T16:36:20.000Z'],
  ['2026-11-30T16:36:20.123Z', '2026-11-30T16:36:20.123Z'],
]

test.each(TIMES)('the time %s of Postgres is read as %s', (text, iso) => {
  expect(readTime(text)).toBe(Date.parse(iso))
})

test('a time that is null stays null', () => {
  expect(readTime(null)).toBeNull()
})
