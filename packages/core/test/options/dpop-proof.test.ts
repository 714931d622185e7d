import { testOptions } from '@bff/test-support/options'
import { EmbeddedJWK, importJWK, jwtVerify } from 'jose'
import { createDpopProof, type DpopProofOptions, generateDpopKeyPair } from '../../src/dpop/index.ts'

const NOW = Date.UTC(2030, 0, 1)
const keyPair = await generateDpopKeyPair()
const otherKeyPair = await generateDpopKeyPair()

const proof = (options: Partial<DpopProofOptions>) =>
  createDpopProof({ keyPair, method: 'GET', url: 'https://api.example/orders', now: NOW, ...options })

/** What the proof says, once it is verified as an API would. */
async function claim(options: Partial<DpopProofOptions>, name: string): Promise<unknown> {
  const checks = { typ: 'dpop+jwt', algorithms: ['ES256'], currentDate: new Date(NOW) }
  const { payload } = await jwtVerify(await proof(options), EmbeddedJWK, checks)
  return payload[name] ?? null
}

testOptions<DpopProofOptions>('DpopProofOptions', {
  keyPair: {
    set: otherKeyPair,
    async see(options) {
      const signed = await proof(options)
      const verified = [keyPair, otherKeyPair].map(async ({ publicJwk }) =>
        jwtVerify(signed, await importJWK({ ...publicJwk }, 'ES256')).then(
          () => true,
          () => false,
        ),
      )
      return Promise.all(verified)
    },
    shows: [
      [true, false],
      [false, true],
    ],
  },
  method: { set: 'POST', see: (options) => claim(options, 'htm'), shows: ['GET', 'POST'] },
  url: {
    set: 'https://idp.example/token?x=1',
    see: (options) => claim(options, 'htu'),
    shows: ['https://api.example/orders', 'https://idp.example/token'],
  },
  accessToken: {
    // The example of RFC 9449 §7.1.
    set: 'Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU',
    see: (options) => claim(options, 'ath'),
    shows: [null, 'fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo'],
  },
  nonce: { set: 'nonce-1', see: (options) => claim(options, 'nonce'), shows: [null, 'nonce-1'] },
  now: {
    set: Date.UTC(2031, 0, 1) + 999,
    see: (options) => claim(options, 'iat'),
    shows: [1_893_456_000, 1_924_992_000],
  },
})
