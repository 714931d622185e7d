import type { RefreshRequest } from '@bff/core'
import { generateDpopKeyPair } from '@bff/core/dpop'
import { manualClock } from '@bff/test-support/clock'
import { testOptions } from '@bff/test-support/options'
import { afterAll } from 'vitest'
import { type OauthClientOptions, oauthClient } from '../../src/index.ts'
import { fetchThroughProxy, outcomeOf, outcomesOfWaiting } from '../support/option-effects.ts'
import { type Answer, json, scriptedProvider, text } from '../support/scripted-provider.ts'
import { TOKENS } from '../support/sign-in.ts'

const dpopKeyPair = await generateDpopKeyPair()
const REQUEST: RefreshRequest = {
  refreshToken: 'refresh-0',
  dpopKeyPair: null,
  issuer: null,
  subject: 'alice',
  scope: null,
}

/** Answers with tokens bound to a key where one was proved. */
const granted: Answer = (response, request) => {
  const token_type = request.headers['dpop'] === undefined ? 'Bearer' : 'DPoP'
  return json(200, { ...TOKENS, token_type })(response, request)
}

const scripted = await scriptedProvider()
scripted.on('/oauth/token', json(200, { ...TOKENS, access_token: 'access-of-other-endpoint' }))
scripted.on('/revoke', text(200, 'text/plain', ''))
const later = manualClock()
afterAll(() => scripted.close())

const clientWith = (options: Partial<OauthClientOptions>) =>
  oauthClient({
    tokenEndpoint: `${scripted.issuer}/token`,
    clientId: 'app',
    clock: scripted.clock,
    ...options,
  })

const tokenWith = async (options: Partial<OauthClientOptions>) =>
  (await clientWith(options).refresh(REQUEST)).accessToken

/** These fields and headers of a refresh. */
async function sentWith(options: Partial<OauthClientOptions>, ...names: readonly string[]) {
  scripted.on('/token', granted)
  await tokenWith(options)
  const sent = scripted.requestsTo('/token').at(-1)
  return names.map((name) => sent?.form.get(name) ?? sent?.headers[name])
}

testOptions<OauthClientOptions>('OauthClientOptions', {
  tokenEndpoint: {
    set: `${scripted.issuer}/oauth/token`,
    instead: `${scripted.issuer}/token`,
    see: (options) => {
      scripted.on('/token', granted)
      return tokenWith(options)
    },
    shows: ['access-1', 'access-of-other-endpoint'],
  },
  clientId: {
    set: 'orders',
    instead: 'app',
    see: (options) => sentWith(options, 'client_id'),
    shows: [['app'], ['orders']],
  },
  clientSecret: {
    set: 'kept-by-the-server',
    see: (options) => sentWith(options, 'client_secret'),
    shows: [[undefined], ['kept-by-the-server']],
  },
  clientSecretMethod: {
    set: 'client_secret_basic',
    see: (options) => sentWith({ clientSecret: 'secret', ...options }, 'authorization', 'client_secret'),
    shows: [
      [undefined, 'secret'],
      [`Basic ${btoa('app:secret')}`, undefined],
    ],
  },
  dpop: {
    set: false,
    see: async (options) => {
      scripted.on('/token', granted)
      const refreshed = await clientWith(options).refresh({ ...REQUEST, dpopKeyPair })
      const isProved = scripted.requestsTo('/token').at(-1)?.headers['dpop'] !== undefined
      return [isProved, refreshed.dpopKeyPair !== null]
    },
    shows: [
      [true, true],
      [false, false],
    ],
  },
  revocationEndpoint: {
    set: `${scripted.issuer}/revoke`,
    see: async (options) => {
      await clientWith(options).revoke({
        issuer: null,
        token: 'refresh-0',
        hint: 'refresh_token',
        dpopKeyPair: null,
      })
      return scripted.requestsTo('/revoke').map(({ form }) => form.get('token'))
    },
    shows: [[], ['refresh-0']],
  },
  timeoutMs: {
    set: 5_000,
    see: (options) => outcomesOfWaiting(scripted, '/token', granted, () => tokenWith(options)),
    shows: [
      ['access-1', 'access-1', 'access-1', 'provider_unavailable'],
      ['access-1', 'provider_unavailable', 'provider_unavailable', 'provider_unavailable'],
    ],
  },
  dangerouslyAllowInsecureEndpoints: {
    set: true,
    see: (options) => {
      const fetch = async () => Response.json(TOKENS)
      return outcomeOf(async () =>
        tokenWith({ tokenEndpoint: 'http://idp.internal/token', fetch, ...options }),
      )
    },
    shows: ['invalid_config', 'access-1'],
  },
  fetch: {
    set: fetchThroughProxy,
    see: (options) => sentWith(options, 'via'),
    shows: [[undefined], ['1.1 proxy']],
  },
  clock: {
    set: later,
    see: (options) => {
      const client = oauthClient({ tokenEndpoint: `${scripted.issuer}/token`, clientId: 'app', ...options })
      scripted.on('/token', (response, request) => {
        later.jump(10_000)
        return granted(response, request)
      })
      return outcomeOf(async () => (await client.refresh(REQUEST)).accessToken)
    },
    shows: ['access-1', 'provider_unavailable'],
  },
})
