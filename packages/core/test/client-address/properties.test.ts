import { isIP } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { clientAddress } from '../../src/client-address/index.ts'
import { parseAddress, parseNode, textOf } from '../../src/internal/address.ts'
import { request } from '../world.ts'

const numRuns = Number(process.env['BFF_PROPERTY_RUNS'] ?? 300)

/** RFC 5952 as the platform's own URL parser writes it. */
const platformText = (text: string) => new URL(`http://[${text}]`).hostname.slice(1, -1)

test('addresses are written as the platform writes them, however they were spelled [CIP-06]', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.ipV6(),
        fc.ipV6().map((text) => text.toUpperCase()),
      ),
      (text) => {
        const address = parseAddress(text)
        if (address === null) throw new Error(`${text} was not read`)
        if (address.kind() === 'ipv6') expect(textOf(address)).toBe(platformText(text))
        expect(parseAddress(textOf(address))).toEqual(address)
      },
    ),
    { numRuns },
  )
})

test('every IPv4 address is one, plain, mapped and with a port [CIP-06]', () => {
  fc.assert(
    fc.property(fc.ipV4(), fc.nat({ max: 65_535 }), (text, port) => {
      for (const spelling of [text, `::ffff:${text}`, `${text}:${port}`, `[::ffff:${text}]:${port}`]) {
        const address = parseNode(spelling)
        expect(address && textOf(address)).toBe(text)
      }
    }),
    { numRuns },
  )
})

test('whatever is read as an address is one for the platform too [CIP-04]', () => {
  const almost = fc.string({ unit: fc.constantFrom(...'0123456789abcdefx.:%[]/ -'), maxLength: 45 })
  fc.assert(
    fc.property(fc.oneof(almost, fc.string()), (text) => {
      if (parseAddress(text) !== null) expect(isIP(text)).not.toBe(0)
      if (isIP(text) !== 0 && !text.includes('%')) expect(parseAddress(text)).not.toBeNull()
    }),
    { numRuns: numRuns * 5 },
  )
})

const hop = fc.oneof(
  fc.constantFrom('10.0.0.1', '10.255.0.9', '::ffff:10.0.0.4'),
  fc.ipV4(),
  fc.ipV6(),
  fc.constantFrom('unknown', '', '1.2.3', '_x', '999.1.1.1'),
)

/** The rule in one breath: from the right, past what is trusted, not past what is unreadable. */
function expected(hops: readonly string[]): string {
  let last = '10.0.0.9'
  for (const text of [...hops].reverse()) {
    const address = parseAddress(text)
    if (address === null) return last
    last = textOf(address)
    if (!/^10\./.test(last)) return last
  }
  return last
}

test.each(['x-forwarded-for', 'forwarded'])(
  '%s follows the rule for any chain [CIP-03, CIP-04]',
  (header) => {
    const reader = clientAddress({ trustedProxies: ['10.0.0.0/8'], header })
    const spelled = (text: string) =>
      header === 'forwarded' ? `for="${text.includes(':') ? `[${text}]` : text}"` : text
    fc.assert(
      fc.property(fc.array(hop, { minLength: 1, maxLength: 20 }), (hops) => {
        const view = request('GET', '/', { [header]: hops.map(spelled).join(', ') })
        expect(reader({ ...view, remoteAddress: '10.0.0.9' })).toBe(expected(hops))
      }),
      { numRuns },
    )
  },
)

test('no header makes it throw, or answer anything but an address [CIP-04, CIP-09]', () => {
  const garbage = fc.oneof(
    fc.string({ unit: fc.constantFrom(...'0123456789abf.:,;="\\ []for'), maxLength: 3000 }),
    fc.string({ unit: 'binary', maxLength: 300 }),
  )
  const readers = ['x-forwarded-for', 'forwarded', 'x-real-ip'].map((header) => ({
    header,
    read: clientAddress({ trustedProxies: ['10.0.0.0/8'], cloudflare: true, header }),
  }))
  fc.assert(
    fc.property(garbage, fc.constantFrom('10.0.0.9', '172.64.0.1'), (value, remoteAddress) => {
      for (const { header, read } of readers) {
        const view = request('GET', '/', { [header]: value, 'cf-connecting-ip': value })
        expect(isIP(read({ ...view, remoteAddress }) ?? '')).not.toBe(0)
      }
    }),
    { numRuns },
  )
})
