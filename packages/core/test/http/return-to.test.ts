import { expect, test } from 'vitest'
import { isLocalPath } from '../../src/http/return-to.ts'

test.each(['/', '/orders', '/orders?x=1&y=%2F#top', '/a//b', '/ünïcode', '/~me', '/a:b@c'])(
  'BFF-22 %j is local',
  (path) => {
    expect(isLocalPath(path)).toBe(true)
    expect(new URL(path, 'https://app.example.com').origin).toBe('https://app.example.com')
  },
)

test.each([
  '',
  'orders',
  '//evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '///evil.example',
  'https://evil.example',
  'javascript:alert(1)',
  '/\t/evil.example',
  '/\n/evil.example',
  '\t//evil.example',
  ' /orders',
  '/a\\b',
  '/a\u0000b',
  '/\u0085x',
  `/${'x'.repeat(2048)}`,
  'http:/evil',
  '/ /evil',
  '.',
  '..//evil',
])('BFF-22 %j is refused', (path) => {
  expect(isLocalPath(path)).toBe(false)
})
