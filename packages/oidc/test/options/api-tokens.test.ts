import type { AccessTokens, Session } from '@bff/core'
import { manualClock } from '@bff/test-support/clock'
import { type OptionCases, testOptions } from '@bff/test-support/options'
import { startProvider } from '@bff/testing'
import { decodeJwt, generateKeyPair, jwtVerify } from 'jose'
import { afterAll } from 'vitest'
import {
  type ApiTokenOptions,
  clientCredentials,
  createDiscoveryCache,
  tokenExchange,
} from '../../src/index.ts'
import { announcedAs, announcedBy, hear } from '../support/announced.ts'
import { fetchThroughProxy, outcomeOf, outcomesOfWaiting } from '../support/option-effects.ts'
import { CLIENT, json, scriptedProvider } from '../support/scripted-provider.ts'

const DISCOVERY = '/.well-known/openid-configuration'
const GRANTED = json(200, { access_token: 'api-1', token_type: 'Bearer', expires_in: 300 })
const REQUEST = { rejected: null, signal: new AbortController().signal }

const scripted = await scriptedProvider()
const elsewhere = await scriptedProvider()
elsewhere.on('/token', json(200, { access_token: 'api-elsewhere', token_type: 'Bearer' }))
const idp = await startProvider({ backchannelLogoutUri: null })
const { privateKey, publicKey } = await generateKeyPair('ES256')
const later = manualClock()
afterAll(async () => {
  await Promise.all([scripted.close(), elsewhere.close(), idp.close()])
})

type ExchangeOptions = Omit<ApiTokenOptions, 'dpop'>
/** A source of tokens of its own kind, made with these options, that can be asked again and again. */
type SourceOf = (options: ExchangeOptions) => () => Promise<AccessTokens | null>

const ofClient: SourceOf = (options) => {
  const source = clientCredentials(options)
  return () => source(REQUEST)
}

const ofUser: SourceOf = (options) => {
  const source = tokenExchange(options)
  const tokens = async () => ({ accessToken: 'at-alice', dpopKeyPair: null })
  const session = { handle: 'alice-handle', hasAccessToken: true, tokens } as Session
  return () => source(session, REQUEST)
}

/** What both kinds of sources take. */
function casesOf(owner: string, sourceOf: SourceOf): OptionCases<ExchangeOptions> {
  const sourceWith = (options: Partial<ExchangeOptions>) =>
    sourceOf({
      issuer: scripted.issuer,
      clientId: 'app',
      clock: scripted.clock,
      onEvent: () => {},
      ...options,
    })

  const tokenWith = async (options: Partial<ExchangeOptions>) =>
    (await sourceWith({ ...CLIENT, ...options })())?.accessToken

  /** These fields and headers of the request for a token. */
  const sentWith = async (options: Partial<ExchangeOptions>, ...names: readonly string[]) => {
    scripted.on('/token', GRANTED)
    await sourceWith(options)()
    const sent = scripted.requestsTo('/token').at(-1)
    return names.map((name) => sent?.form.get(name) ?? sent?.headers[name])
  }

  return {
    issuer: {
      set: elsewhere.issuer,
      instead: scripted.issuer,
      see: (options) => {
        scripted.on('/token', GRANTED)
        return tokenWith(options)
      },
      shows: ['api-1', 'api-elsewhere'],
    },
    metadataUrl: {
      set: `${elsewhere.issuer}/.well-known/openid-configuration`,
      see: async (options) => {
        scripted.on('/token', GRANTED)
        elsewhere.metadata['issuer'] = scripted.issuer
        try {
          return await tokenWith(options)
        } finally {
          elsewhere.metadata['issuer'] = elsewhere.issuer
        }
      },
      shows: ['api-1', 'api-elsewhere'],
    },
    clientId: {
      set: 'orders',
      instead: 'app',
      see: (options) => sentWith({ dangerouslyPublicClient: true, ...options }, 'client_id'),
      shows: [['app'], ['orders']],
    },
    clientSecret: {
      set: 'new-secret',
      instead: 'old-secret',
      see: (options) => sentWith(options, 'authorization'),
      shows: [[`Basic ${btoa('app:old%2Dsecret')}`], [`Basic ${btoa('app:new%2Dsecret')}`]],
    },
    clientSecretMethod: {
      set: 'client_secret_post',
      see: (options) => sentWith({ clientSecret: 'secret', ...options }, 'authorization', 'client_secret'),
      shows: [
        [`Basic ${btoa('app:secret')}`, undefined],
        [undefined, 'secret'],
      ],
    },
    privateKeyJwt: {
      set: { key: privateKey, kid: 'key-2' },
      instead: { key: privateKey, kid: 'key-1' },
      see: async (options) => {
        const [assertion] = await sentWith(options, 'client_assertion')
        const { payload, protectedHeader } = await jwtVerify(String(assertion), publicKey, {
          currentDate: new Date(scripted.clock.now()),
          clockTolerance: 5,
        })
        return [payload.iss, protectedHeader.kid]
      },
      shows: [
        ['app', 'key-1'],
        ['app', 'key-2'],
      ],
    },
    clientAssertion: {
      set: () => 'assertion-2',
      instead: () => 'assertion-1',
      see: (options) => sentWith(options, 'client_assertion'),
      shows: [['assertion-1'], ['assertion-2']],
    },
    certificateBoundTokens: {
      set: true,
      see: async (options) => {
        const alias = '/token-for-certificates'
        scripted.metadata['mtls_endpoint_aliases'] = { token_endpoint: scripted.issuer + alias }
        for (const path of ['/token', alias]) scripted.on(path, GRANTED)
        const before = scripted.requestsTo(alias).length
        await sourceWith({ ...CLIENT, fetch: globalThis.fetch, ...options })()
        delete scripted.metadata['mtls_endpoint_aliases']
        return scripted.requestsTo(alias).length - before
      },
      shows: [0, 1],
    },
    tlsClientAuth: {
      set: true,
      see: (options) => {
        const proof = options.tlsClientAuth === undefined ? { clientSecret: 'secret' } : {}
        return sentWith({ fetch: globalThis.fetch, ...proof, ...options }, 'authorization', 'client_id')
      },
      shows: [
        [`Basic ${btoa('app:secret')}`, undefined],
        [undefined, 'app'],
      ],
    },
    dangerouslyPublicClient: {
      set: true,
      see: (options) => {
        const proof = options.dangerouslyPublicClient === undefined ? { clientSecret: 'secret' } : {}
        return sentWith({ ...proof, ...options }, 'authorization', 'client_id')
      },
      shows: [
        [`Basic ${btoa('app:secret')}`, undefined],
        [undefined, 'app'],
      ],
    },
    scope: {
      set: 'orders:read',
      see: (options) => sentWith({ ...CLIENT, ...options }, 'scope'),
      shows: [[undefined], ['orders:read']],
    },
    resource: {
      set: 'https://billing.internal',
      see: (options) => sentWith({ ...CLIENT, ...options }, 'resource'),
      shows: [[undefined], ['https://billing.internal']],
    },
    audience: {
      set: 'billing',
      see: (options) => sentWith({ ...CLIENT, ...options }, 'audience'),
      shows: [[undefined], ['billing']],
    },
    timeoutMs: {
      set: 5_000,
      see: (options) => outcomesOfWaiting(scripted, '/token', GRANTED, () => tokenWith(options)),
      shows: [
        ['api-1', 'api-1', 'api-1', 'provider_unavailable'],
        ['api-1', 'provider_unavailable', 'provider_unavailable', 'provider_unavailable'],
      ],
    },
    dangerouslyAllowInsecureIssuer: {
      set: true,
      see: (options) => {
        const issuer = 'http://idp.internal'
        const answer = { issuer, token_endpoint: `${issuer}/token`, access_token: 'a', token_type: 'Bearer' }
        const fetch = async () => Response.json(answer)
        return outcomeOf(() => tokenWith({ issuer, fetch, ...options }))
      },
      shows: ['invalid_config', 'a'],
    },
    discoveryCache: {
      set: createDiscoveryCache(),
      see: async (options) => {
        const before = scripted.requestsTo(DISCOVERY).length
        await sentWith({ ...CLIENT, ...options })
        await sentWith({ ...CLIENT, ...options })
        return scripted.requestsTo(DISCOVERY).length - before
      },
      shows: [2, 1],
    },
    fetch: {
      set: fetchThroughProxy,
      see: (options) => sentWith({ ...CLIENT, ...options }, 'via'),
      shows: [[undefined], ['1.1 proxy']],
    },
    clock: {
      set: later,
      see: async (options) => {
        scripted.on('/token', GRANTED)
        const before = scripted.requestsTo('/token').length
        const source = sourceOf({ issuer: scripted.issuer, ...CLIENT, ...options })
        await source()
        later.jump(300_000)
        await source()
        return scripted.requestsTo('/token').length - before
      },
      shows: [1, 2],
    },
    onEvent: {
      set: hear,
      see: (options) =>
        announcedBy(() =>
          sourceOf({
            issuer: 'http://idp.internal',
            clientId: 'app',
            dangerouslyPublicClient: true,
            dangerouslyAllowInsecureIssuer: true,
            ...options,
          }),
        ),
      shows: announcedAs(`${owner}.dangerouslyPublicClient`, `${owner}.dangerouslyAllowInsecureIssuer`),
    },
  }
}

testOptions<ApiTokenOptions>('ApiTokenOptions', {
  ...casesOf('clientCredentials', ofClient),
  dpop: {
    set: true,
    see: async (options) => {
      const source = clientCredentials({ issuer: idp.issuer, ...idp.clients.basic, ...options })
      const { accessToken } = await source(REQUEST)
      return Object.keys(decodeJwt(accessToken)['cnf'] ?? {})
    },
    shows: [[], ['jkt']],
  },
})

testOptions<ExchangeOptions>('ApiTokenOptions of tokenExchange', casesOf('tokenExchange', ofUser))
