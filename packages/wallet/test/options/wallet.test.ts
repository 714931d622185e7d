import type { BffConfig } from '@bff/core'
import { memoryStore } from '@bff/store-memory'
import { testOptions } from '@bff/test-support/options'
import { decodeJwt } from 'jose'
import { afterAll } from 'vitest'
import { challengeMessage } from '../../src/client/index.ts'
import { type WalletOptions, wallet } from '../../src/index.ts'
import { signingKeyPem } from '../support/keys.ts'
import { TYPED_DATA, typedDataOf } from '../support/typed-data.ts'
import {
  bearer,
  type ChallengeView,
  headerOf,
  jsonOf,
  newAccount,
  ORIGIN,
  outcomeOf,
  siweOf,
  type World,
  world,
} from '../support/world.ts'
import { startChainOfYes, YES_CONTRACT } from '../support/yes-contract.ts'
import { answering, around, calling, refreshes, repeated, signedOutUnheard } from './lifetimes.ts'

const key = await signingKeyPem()
const chain = await startChainOfYes()
afterAll(() => chain.close())

const { address, signMessage, signTypedData } = newAccount()
const REFUSED = '401 invalid challenge or signature'
const EXPIRED = '401 token has expired'
const REVOKED = '401 token has been revoked'
const NOT_REFRESHED = '401 invalid or expired refresh token'
/** Without a tolerance what is over is over at its very instant. */
const EXACT = { clockToleranceMs: 0 }

/** A BFF whose wallet has these options and no others. */
function bare(options: WalletOptions, config: Partial<BffConfig> = {}): Promise<World> {
  const ethereum = wallet(options)
  return world({ bff: { plugins: [ethereum], provider: ethereum.provider(), ...config } })
}

/** The lines a wallet shows the person who is to sign. */
async function shown(options: WalletOptions): Promise<string[]> {
  const { challenge } = await world(options)
  return challengeMessage(await challenge({ address })).split('\n')
}

/** What comes of signing in with what `sign` makes of a challenge. */
async function signed(options: WalletOptions, sign: (token: string) => Promise<string>, as = address) {
  const { challenge, post } = await world(options)
  const token = await challenge()
  return outcomeOf(await post('/auth/login', { challenge: token, signature: await sign(token), address: as }))
}

/** The members of the answer a page of one origin gets when it signs in, and the cookie. */
async function pageSignIn({ send }: World) {
  const page = { 'x-csrf': '1', 'sec-fetch-site': 'same-origin' }
  const asked = await send('/auth/challenge', { method: 'POST', headers: page })
  const challenge = String(jsonOf(asked)['token'])
  const cookie = headerOf(asked, 'set-cookie')?.split(';')[0] ?? ''
  const body = { challenge, address, signature: await signMessage({ message: siweOf(challenge, address) }) }
  const reply = await send('/auth/login', { method: 'POST', headers: { ...page, cookie }, body })
  return [Object.keys(jsonOf(reply)), headerOf(reply, 'set-cookie')?.split('=')[0]]
}

testOptions<WalletOptions>('WalletOptions', {
  keys: {
    set: [key],
    // Whether a token of one process is good in another that has the same store.
    async see(options) {
      const store = memoryStore()
      const start = () => bare({ tokens: 'client', ...options }, { origin: 'http://localhost:3000', store })
      const [here, there] = [await start(), await start()]
      return outcomeOf(await there.send('/api/me', bearer((await here.signIn()).access_token)))
    },
    shows: ['401 invalid token', '200'],
  },
  tokens: {
    set: 'client',
    see: async (options) => pageSignIn(await bare({ keys: [key], ...options })),
    shows: [
      [['address'], '__Host-Http-bff'],
      [['access_token', 'refresh_token'], undefined],
    ],
  },
  issuer: {
    set: 'https://id.example.com',
    see: async (options) => decodeJwt((await (await world(options)).signIn()).access_token).iss,
    shows: [ORIGIN, 'https://id.example.com'],
  },
  chainIds: {
    set: [10, 137],
    see: async (options) => [
      (await shown(options))[7],
      outcomeOf(await (await world(options)).post('/auth/challenge', { chain_id: 137 })),
    ],
    shows: [
      ['Chain ID: 1', '400 invalid request'],
      ['Chain ID: 10', '200'],
    ],
  },
  statement: {
    set: 'I accept the terms.',
    see: async (options) => (await shown(options))[3],
    shows: ['Sign in to app.example.com.', 'I accept the terms.'],
  },
  uri: {
    set: 'https://app.example.com/sign-in',
    see: async (options) => (await shown(options))[5],
    shows: ['URI: https://app.example.com/', 'URI: https://app.example.com/sign-in'],
  },
  typedData: {
    set: TYPED_DATA,
    see: (options) =>
      signed(options, (token) => signTypedData({ ...typedDataOf(token), primaryType: 'NonceMessage' })),
    shows: [REFUSED, '200'],
  },
  dangerouslyAcceptNonceSignatures: {
    set: true,
    see: (options) =>
      signed(options, (token) => signMessage({ message: decodeJwt<ChallengeView>(token).nonce })),
    shows: [REFUSED, '200'],
  },
  contractWallets: {
    set: { rpcUrl: chain.url },
    see: (options) => signed(options, async () => '0x00', YES_CONTRACT),
    shows: [REFUSED, '200'],
  },
  challengeLifeMs: {
    set: 60_000,
    see: (options) => around(60_000, { ...EXACT, ...options }, answering),
    shows: [
      ['200', '200'],
      ['200', '400 invalid challenge token'],
    ],
  },
  accessTokenLifeMs: {
    set: 60_000,
    see: (options) => around(60_000, { ...EXACT, ...options }, calling),
    shows: [
      ['200', '200'],
      ['200', EXPIRED],
    ],
  },
  refreshTokenLifeMs: {
    set: 60_000,
    see: (options) => refreshes({ ...EXACT, ...options }, [59_000, 59_999, 60_000]),
    shows: [
      ['200', '200', '200'],
      ['200', '200', NOT_REFRESHED],
    ],
  },
  familyLifeMs: {
    set: 60_000,
    see: (options) => refreshes({ ...EXACT, ...options }, [30_000, 29_999, 1]),
    shows: [
      ['200', '200', '200'],
      ['200', '200', NOT_REFRESHED],
    ],
  },
  reuseGraceMs: {
    set: 10_000,
    see: (options) => Promise.all([10_000, 10_001].map((ms) => repeated(options, ms))),
    shows: [
      [NOT_REFRESHED, NOT_REFRESHED],
      ['200', NOT_REFRESHED],
    ],
  },
  checkCacheMs: {
    set: 10_000,
    see: (options) => Promise.all([9_999, 10_000].map((ms) => signedOutUnheard(options, ms))),
    shows: [
      [REVOKED, REVOKED],
      ['200', REVOKED],
    ],
  },
  clockToleranceMs: {
    set: 20_000,
    see: (options) => around(300_000 + 20_000, options, calling),
    shows: [
      [EXPIRED, EXPIRED],
      ['200', EXPIRED],
    ],
  },
  paths: {
    set: { auth: '/in', api: '/v1', jwks: '/keys' },
    async see(options) {
      const { bff } = await world(options)
      const status = async (path: string, method = 'GET') =>
        (await bff.fetch(new Request(ORIGIN + path, { method }))).status
      return [await status('/in/challenge', 'POST'), await status('/v1/me'), await status('/keys')]
    },
    shows: [
      [404, 404, 404],
      [200, 401, 200],
    ],
  },
})
