import { manualClock } from '@bff/test-support/clock'
import { testOptions } from '@bff/test-support/options'
import { startProvider } from '@bff/testing'
import { decodeJwt, exportJWK, generateKeyPair } from 'jose'
import { afterAll } from 'vitest'
import { createDiscoveryCache, type OidcOptions, oidc } from '../../src/index.ts'
import {
  fetchThroughProxy,
  grantAt,
  outcomeOf,
  outcomesOf,
  outcomesOfWaiting,
  signerOf,
} from '../support/option-effects.ts'
import { CLIENT, json, scriptedProvider } from '../support/scripted-provider.ts'
import { begin, providerFor, signIn, TOKENS } from '../support/sign-in.ts'
import { fetchAs } from '../support/stub-provider.ts'

const DISCOVERY = '/.well-known/openid-configuration'
const AFTER_LOGOUT = 'http://localhost:3000/bff/logout/callback'
const REFRESH = { refreshToken: 'r', dpopKeyPair: null, issuer: null, subject: 'alice', scope: null }
const END = { issuer: null, subject: 'alice', postLogoutRedirectUri: AFTER_LOGOUT }

const idp = await startProvider({ backchannelLogoutUri: null })
const scripted = await scriptedProvider()
const elsewhere = await scriptedProvider()
elsewhere.metadata['authorization_endpoint'] = `${elsewhere.issuer}/sign-in`
const signedElsewhere = await signerOf(elsewhere, 'ES384')
const strangerKey = await exportJWK((await generateKeyPair('ES256', { extractable: true })).privateKey)
afterAll(async () => {
  await Promise.all([idp.close(), scripted.close(), elsewhere.close()])
})

/** Who is signed in at the real provider, or why nobody is. */
const subjectOf = (options: Partial<OidcOptions>) =>
  outcomeOf(async () => (await grantAt(idp, options)).subject)

const authorizationUrl = async (options: Partial<OidcOptions>) =>
  (await begin(providerFor(scripted, options))).url

const seconds = () => Math.floor(scripted.clock.now() / 1000)

testOptions<OidcOptions>('OidcOptions', {
  issuer: {
    set: elsewhere.issuer,
    instead: scripted.issuer,
    see: async (options) => (await authorizationUrl(options)).pathname,
    shows: ['/authorize', '/sign-in'],
  },
  clientId: {
    set: 'orders',
    instead: 'app',
    see: async (options) => (await authorizationUrl(options)).searchParams.get('client_id'),
    shows: ['app', 'orders'],
  },
  clientSecret: {
    set: idp.clients.basic.clientSecret,
    instead: 'the-secret-of-another-client',
    see: (options) => subjectOf(options),
    shows: ['provider_misconfigured', 'alice'],
  },
  clientSecretMethod: {
    set: 'client_secret_post',
    see: async (options) => {
      scripted.on('/token', json(200, TOKENS))
      await providerFor(scripted, options).refresh(REFRESH)
      const sent = scripted.requestsTo('/token').at(-1)
      return [sent?.headers.authorization, sent?.form.get('client_secret')]
    },
    shows: [
      [`Basic ${btoa('app:kept%2Dby%2Dthe%2Dserver')}`, null],
      [undefined, 'kept-by-the-server'],
    ],
  },
  privateKeyJwt: {
    set: { key: idp.clients.privateKeyJwt.privateKey },
    instead: { key: strangerKey },
    see: (options) => subjectOf({ clientId: idp.clients.privateKeyJwt.clientId, ...options }),
    shows: ['provider_misconfigured', 'alice'],
  },
  clientAssertion: {
    set: () => 'assertion-2',
    instead: () => 'assertion-1',
    see: async (options) => {
      scripted.on('/token', json(200, TOKENS))
      await oidc({ issuer: scripted.issuer, clientId: 'app', clock: scripted.clock, ...options }).refresh(
        REFRESH,
      )
      return scripted.requestsTo('/token').at(-1)?.form.get('client_assertion')
    },
    shows: ['assertion-1', 'assertion-2'],
  },
  certificateBoundTokens: {
    set: true,
    see: async (options) => {
      const alias = `${scripted.issuer}/token-for-certificates`
      scripted.metadata['mtls_endpoint_aliases'] = { token_endpoint: alias }
      for (const path of ['/token', '/token-for-certificates']) scripted.on(path, json(200, TOKENS))
      const before = scripted.requestsTo('/token-for-certificates').length
      const base = {
        issuer: scripted.issuer,
        clientId: 'app',
        clientSecret: 'a-secret',
        clock: scripted.clock,
      }
      await oidc({ ...base, fetch: globalThis.fetch, ...options }).refresh(REFRESH)
      delete scripted.metadata['mtls_endpoint_aliases']
      return scripted.requestsTo('/token-for-certificates').length - before
    },
    shows: [0, 1],
  },
  tlsClientAuth: {
    set: true,
    see: async (options) => {
      const alias = `${scripted.issuer}/token-with-certificate`
      scripted.metadata['mtls_endpoint_aliases'] = { token_endpoint: alias }
      for (const path of ['/token', '/token-with-certificate']) scripted.on(path, json(200, TOKENS))
      const before = scripted.requestsTo('/token-with-certificate').length
      const proof = options.tlsClientAuth === undefined ? { clientSecret: 'a-secret' } : {}
      const base = {
        issuer: scripted.issuer,
        clientId: 'app',
        clock: scripted.clock,
        fetch: globalThis.fetch,
      }
      await oidc({ ...base, ...proof, ...options }).refresh(REFRESH)
      delete scripted.metadata['mtls_endpoint_aliases']
      return scripted.requestsTo('/token-with-certificate').length - before
    },
    shows: [0, 1],
  },
  profile: {
    set: 'fapi2',
    see: async (options) => {
      const key = { privateKeyJwt: { key: idp.clients.privateKeyJwt.privateKey } }
      const provider = oidc({
        issuer: idp.issuer,
        clientId: idp.clients.privateKeyJwt.clientId,
        ...key,
        ...options,
      })
      return Boolean((await begin(provider)).transaction['dpopKeyPair'])
    },
    shows: [false, true],
  },
  dangerouslyPublicClient: {
    set: true,
    see: (options) => {
      const proof = options.dangerouslyPublicClient === undefined ? { clientSecret: 'a-secret' } : {}
      return subjectOf({ ...idp.clients.public, ...proof, ...options })
    },
    shows: ['provider_misconfigured', 'alice'],
  },
  scope: {
    set: 'openid email',
    see: async (options) => {
      const { claims } = await grantAt(idp, { ...idp.clients.basic, ...options })
      return claims['name'] ?? claims['email']
    },
    shows: ['Alice Liddell', 'alice@example.com'],
  },
  metadataUrl: {
    set: `${elsewhere.issuer}/.well-known/openid-configuration`,
    see: async (options) => {
      elsewhere.metadata['issuer'] = scripted.issuer
      try {
        return (await authorizationUrl(options)).pathname
      } finally {
        elsewhere.metadata['issuer'] = elsewhere.issuer
      }
    },
    shows: ['/authorize', '/sign-in'],
  },
  acceptIssuer: {
    set: (issuer) => issuer === 'https://id.example.com/red',
    instead: () => false,
    see: (options) => {
      const issuer = 'https://id.example.com/{tenant}'
      const metadataUrl = 'https://id.example.com/.well-known/openid-configuration'
      const fetch = fetchAs(scripted, { issuer, metadataUrl })
      const provider = providerFor(scripted, { issuer, metadataUrl, fetch, ...options })
      const iss = 'https://id.example.com/red'
      return outcomeOf(async () => (await signIn(scripted, provider, { claims: { iss }, iss })).subject)
    },
    shows: ['login_failed', 'alice'],
  },
  parameters: {
    set: { access_type: 'offline' },
    see: async (options) => (await authorizationUrl(options)).searchParams.get('access_type'),
    shows: [null, 'offline'],
  },
  dangerouslyAcceptUntypedLogoutTokens: {
    set: true,
    see: (options) => {
      const events = { 'http://schemas.openid.net/event/backchannel-logout': {} }
      const iat = seconds()
      const claims = { iss: scripted.issuer, aud: 'app', sub: 'alice', iat, exp: iat + 60, jti: 'j', events }
      return outcomesOf([undefined, 'JWT', 'at+jwt', 'logout+jwt'], async (typ) => {
        const token = await scripted.sign(claims, typ === undefined ? {} : { typ })
        return (await providerFor(scripted, options).verifyLogoutToken(token)).subject
      })
    },
    shows: [
      ['bad_request', 'bad_request', 'bad_request', 'alice'],
      ['alice', 'alice', 'bad_request', 'alice'],
    ],
  },
  resource: {
    set: ['https://orders.internal', 'https://billing.internal'],
    see: async (options) => {
      const sent = (await authorizationUrl(options)).searchParams.getAll('resource')
      scripted.on('/token', json(200, TOKENS))
      await providerFor(scripted, options).refresh(REFRESH)
      return [sent, scripted.requestsTo('/token').at(-1)?.form.getAll('resource')]
    },
    shows: [
      [[], []],
      [['https://orders.internal', 'https://billing.internal'], ['https://orders.internal']],
    ],
  },
  audience: {
    set: 'orders',
    see: async (options) => {
      const sent = (await authorizationUrl(options)).searchParams.get('audience')
      await signIn(scripted, providerFor(scripted, options))
      return [sent, scripted.requestsTo('/token').at(-1)?.form.get('audience')]
    },
    shows: [
      [null, null],
      ['orders', 'orders'],
    ],
  },
  par: {
    set: 'never',
    see: async (options) => {
      const { url } = await begin(oidc({ issuer: idp.issuer, ...idp.clients.basic, ...options }))
      return url.searchParams.has('request_uri') ? 'pushed' : url.searchParams.get('response_type')
    },
    shows: ['pushed', 'code'],
  },
  dpop: {
    set: true,
    see: async (options) => {
      const { accessToken } = await grantAt(idp, { ...idp.clients.basic, ...options })
      return Object.keys(decodeJwt(accessToken)['cnf'] ?? {})
    },
    shows: [[], ['jkt']],
  },
  responseMode: {
    set: 'form_post',
    see: async (options) => (await authorizationUrl(options)).searchParams.get('response_mode'),
    shows: [null, 'form_post'],
  },
  userinfo: {
    set: 'never',
    see: async (options) => {
      scripted.metadata['userinfo_endpoint'] = `${scripted.issuer}/userinfo`
      scripted.on('/userinfo', json(200, { sub: 'alice', name: 'Alice' }))
      try {
        return (await signIn(scripted, providerFor(scripted, options))).userInfo
      } finally {
        delete scripted.metadata['userinfo_endpoint']
      }
    },
    shows: [{ name: 'Alice' }, undefined],
  },
  logoutReturnParameter: {
    set: 'logout_uri',
    see: async (options) => {
      const request = { ...END, idToken: null, state: 's' }
      const url = new URL((await providerFor(scripted, options).endSessionUrl(request)) ?? '')
      return [...url.searchParams.keys()]
    },
    shows: [
      ['client_id', 'post_logout_redirect_uri', 'state', 'logout_hint'],
      ['client_id', 'logout_uri'],
    ],
  },
  idTokenHint: {
    set: true,
    see: async (options) => {
      const provider = providerFor(scripted, options)
      const { idToken: kept } = await signIn(scripted, provider)
      const idToken = kept ?? (await scripted.idToken())
      const request = { ...END, idToken, state: null }
      const url = new URL((await provider.endSessionUrl(request)) ?? '')
      return [kept !== null, url.searchParams.has('id_token_hint')]
    },
    shows: [
      [false, false],
      [true, true],
    ],
  },
  signingAlgorithms: {
    set: ['ES384'],
    see: (options) => {
      const idToken = (nonce: string) => signedElsewhere({ aud: CLIENT.clientId, nonce })
      const provider = providerFor(elsewhere, options)
      return outcomeOf(async () => (await signIn(elsewhere, provider, { idToken })).subject)
    },
    shows: ['login_failed', 'alice'],
  },
  timeoutMs: {
    set: 5_000,
    see: (options) =>
      outcomesOfWaiting(scripted, '/token', json(200, TOKENS), async () => {
        return (await providerFor(scripted, options).refresh(REFRESH)).accessToken
      }),
    shows: [
      ['access-1', 'access-1', 'access-1', 'provider_unavailable'],
      ['access-1', 'provider_unavailable', 'provider_unavailable', 'provider_unavailable'],
    ],
  },
  clockToleranceMs: {
    set: 60_000,
    // Not 29 and 59: openid-client takes our clock in whole seconds, so it may be one off.
    see: (options) =>
      outcomesOf([28, 30, 58, 60], async (age) => {
        const claims = { exp: seconds() - age }
        return (await signIn(scripted, providerFor(scripted, options), { claims })).subject
      }),
    shows: [
      ['alice', 'login_failed', 'login_failed', 'login_failed'],
      ['alice', 'alice', 'alice', 'login_failed'],
    ],
  },
  dangerouslyAllowInsecureIssuer: {
    set: true,
    see: (options) => {
      const issuer = 'http://idp.internal'
      const metadata = { issuer, authorization_endpoint: `${issuer}/authorize` }
      const fetch = async () => Response.json(metadata)
      return outcomeOf(async () => (await authorizationUrl({ issuer, fetch, ...options })).origin)
    },
    shows: ['invalid_config', 'http://idp.internal'],
  },
  discoveryCache: {
    set: createDiscoveryCache(),
    see: async (options) => {
      const before = scripted.requestsTo(DISCOVERY).length
      await authorizationUrl(options)
      await authorizationUrl({ clientId: 'orders', ...options })
      return scripted.requestsTo(DISCOVERY).length - before
    },
    shows: [2, 1],
  },
  fetch: {
    set: fetchThroughProxy,
    see: async (options) => {
      await signIn(scripted, providerFor(scripted, options))
      const sent = [DISCOVERY, '/token', '/jwks'].map((path) => scripted.requestsTo(path).at(-1))
      return [...new Set(sent.map((request) => request?.headers.via))]
    },
    shows: [[undefined], ['1.1 proxy']],
  },
  clock: {
    set: manualClock(Date.now() + 3_600_000),
    see: (options) => {
      const now = Math.floor(Date.now() / 1000)
      const provider = oidc({ issuer: scripted.issuer, ...CLIENT, ...options })
      const claims = { iat: now, exp: now + 300 }
      return outcomeOf(async () => (await signIn(scripted, provider, { claims })).subject)
    },
    shows: ['alice', 'login_failed'],
  },
})
