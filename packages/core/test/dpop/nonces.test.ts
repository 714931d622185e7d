import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createNonceCache, dpopNonceChallenge } from '../../src/dpop/nonces.ts'

describe('the nonce cache [DPO-10]', () => {
  test('keeps the newest nonce of each origin apart', () => {
    const nonces = createNonceCache()
    nonces.set('https://a.example', 'a1')
    nonces.set('https://b.example', 'b1')
    nonces.set('https://a.example', 'a2')
    expect(nonces.get('https://a.example')).toBe('a2')
    expect(nonces.get('https://b.example')).toBe('b1')
    expect(nonces.get('https://a.example:8443')).toBeUndefined()
    expect(createNonceCache().get('https://a.example')).toBeUndefined()
  })

  test('holds 100 origins and lets the one used longest ago go', () => {
    const nonces = createNonceCache()
    for (let i = 0; i < 100; i++) nonces.set(`https://${i}.example`, `n${i}`)
    expect(nonces.get('https://0.example')).toBe('n0')
    nonces.set('https://new.example', 'n')
    expect(nonces.get('https://0.example')).toBe('n0')
    expect(nonces.get('https://1.example')).toBeUndefined()
    expect(nonces.get('https://new.example')).toBe('n')
  })

  test('ignores what is no nonce by RFC 9449 §8.1', () => {
    const nonces = createNonceCache()
    nonces.set('https://a.example', 'good-1~')
    for (const bad of ['', 'a b', 'a"b', 'a\\b', 'a\r\nb', 'é', 'x'.repeat(1025)])
      nonces.set('https://a.example', bad)
    expect(nonces.get('https://a.example')).toBe('good-1~')
  })
})

describe('dpopNonceChallenge [DPO-09]', () => {
  test.each([
    'DPoP error="use_dpop_nonce"',
    'dpop ERROR="use_dpop_nonce"',
    'DPoP error=use_dpop_nonce',
    'DPoP error = "use_dpop_nonce"',
    'DPoP   error="use_dpop_nonce"',
    'DPoP error="use\\_dpop\\_nonce"',
    'DPoP error="use_dpop_nonce", error_description="Resource server requires nonce in DPoP proof"',
    'DPoP realm="a, b", algs="ES256 RS256", error="use_dpop_nonce"',
    'DPoP realm="say \\"hi\\", DPoP", error="use_dpop_nonce"',
    'Bearer realm="api", error="invalid_token", DPoP algs="ES256", error="use_dpop_nonce"',
    'DPoP algs="ES256", error="use_dpop_nonce", Bearer error="invalid_token"',
    'Bearer, DPoP error="use_dpop_nonce"',
    'Negotiate YWJjZA==, DPoP error="use_dpop_nonce"',
    'Basic YWJj=, , DPoP realm=x,error="use_dpop_nonce",',
    'DPoP error="invalid_token", DPoP error="use_dpop_nonce"',
    'DPoP,\terror="use_dpop_nonce"',
  ])('sees it in %s', (header) => {
    expect(dpopNonceChallenge(header)).toBe(true)
  })

  test.each([
    undefined,
    '',
    'DPoP',
    'DPoP algs="ES256"',
    'DPoP error="invalid_token"',
    'DPoP error="use_dpop_nonce2"',
    'DPoP xerror="use_dpop_nonce"',
    'DPoP error="USE_DPOP_NONCE"',
    'Bearer error="use_dpop_nonce"',
    'XDPoP error="use_dpop_nonce"',
    'DPoP algs="ES256", Bearer error="use_dpop_nonce"',
    'DPoP, Bearer error="use_dpop_nonce"',
    'DPoP abc==, Negotiate, error="use_dpop_nonce"',
    'DPoP error_description="error=\\"use_dpop_nonce\\""',
    'DPoP realm="x, error=\\"use_dpop_nonce\\""',
    'Bearer realm="DPoP error=use_dpop_nonce"',
    'Bearer realm="x, DPoP error=use_dpop_nonce, y"',
    'DPoP error="use_dpop_nonce',
    'DPoP error=',
    'error="use_dpop_nonce"',
    'use_dpop_nonce',
  ])('does not see it in %s', (header) => {
    expect(dpopNonceChallenge(header)).toBe(false)
  })

  test('finds it among any other challenges, wherever it stands', () => {
    const token = fc.stringMatching(/^[a-z]{1,6}$/)
    const quoted = fc
      .string({ unit: fc.constantFrom(...'aD ,="\\'), maxLength: 12 })
      .map((text) => `"${text.replace(/["\\]/g, '\\$&')}"`)
    const parameter = fc.tuple(token, fc.oneof(token, quoted)).map(([name, value]) => `x${name}=${value}`)
    const other = fc
      .tuple(fc.constantFrom('Bearer', 'Basic', 'Digest'), fc.array(parameter, { maxLength: 3 }))
      .map(([scheme, parameters]) => `${scheme} ${parameters.join(', ')}`.trim())
    const others = fc.array(other, { maxLength: 3 })
    fc.assert(
      fc.property(others, fc.array(parameter, { maxLength: 3 }), others, (before, extra, after) => {
        const asked = ['DPoP', [...extra, 'error="use_dpop_nonce"'].join(', ')].join(' ')
        expect(dpopNonceChallenge([...before, asked, ...after].join(', '))).toBe(true)
        expect(dpopNonceChallenge([...before, ...after].join(', '))).toBe(false)
      }),
      { numRuns: 500 },
    )
  })

  test('answers in linear time, whatever it is sent', () => {
    for (const piece of ['"', '\\"', ',', ' ', 'a=', '"a', 'DPoP ', 'a\\', '=']) {
      expect(dpopNonceChallenge(piece.repeat(100_000 / piece.length))).toBe(false)
    }
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary-ascii' }),
        (text) => typeof dpopNonceChallenge(text) === 'boolean',
      ),
    )
  })
})
