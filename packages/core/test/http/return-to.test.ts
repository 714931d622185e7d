import { expect, test } from 'vitest'
import { localPath } from '../../src/internal/http/return-to.ts'

test.each(['/', '/orders', '/orders?x=1&y=%2F#top', '/a//b', '/ünïcode', '/~me', '/a:b@c'])(
  '%j is local [BFF-22]',
  (path) => {
    expect(localPath(path)).not.toBeNull()
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
  '/\ud800',
  '/a\udc00b',
  '/\u00a0',
  '/\u2028x',
  `/${'ы'.repeat(400)}`,
])('%j is refused [BFF-22]', (path) => {
  expect(localPath(path)).toBeNull()
})

test.each([
  ['/заказы', '/%D0%B7%D0%B0%D0%BA%D0%B0%D0%B7%D1%8B'],
  ['/café?q=é#é', '/caf%C3%A9?q=%C3%A9#%C3%A9'],
  ['/%D0%B7?x=%2F%5C', '/%D0%B7?x=%2F%5C'],
  ['/😀/日本', '/%F0%9F%98%80/%E6%97%A5%E6%9C%AC'],
  ['/a"<>`{}|^', '/a"<>`{}|^'],
  ['/\u202Egpj', '/%E2%80%AEgpj'],
])('%j becomes %j, which a header can carry and a browser reads as the same place', (path, encoded) => {
  expect(localPath(path)).toBe(encoded)
  expect(localPath(encoded)).toBe(encoded)
  const at = (text: string) => new URL(text, 'https://app.example.com').href
  expect(at(encoded)).toBe(at(path))
})
