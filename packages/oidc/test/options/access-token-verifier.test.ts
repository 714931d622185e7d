import type { RequestView } from '@bff/core'
import { manualClock } from '@bff/test-support/clock'
import { testOptions } from '@bff/test-support/options'
import { afterAll } from 'vitest'
import {
  type AccessTokenVerifierOptions,
  accessTokenVerifier,
  createDiscoveryCache,
  type Fetch,
} from '../../src/index.ts'
import { announcedAs, announcedBy, hear } from '../support/announced.ts'
import {
  fetchThroughProxy,
  outcomeOf,
  outcomesOf,
  outcomesOfWaiting,
  signerOf,
} from '../support/option-effects.ts'
import { json, scriptedProvider } from '../support/scripted-provider.ts'

const DISCOVERY = '/.well-known/openid-configuration'
const AUDIENCE = 'https://api.example.com'

const scripted = await scriptedProvider()
const elsewhere = await scriptedProvider()
const signed = await signerOf(scripted, 'ES256')
const signedElsewhere = await signerOf(elsewhere, 'ES384')
afterAll(async () => {
  await Promise.all([scripted.close(), elsewhere.close()])
})

type Options = Partial<AccessTokenVerifierOptions>

/** What a verifier with these options makes of `token`: `accepted`, or the status of a refusal. */
async function verdictOn(token: Promise<string>, options: Options) {
  const verify = accessTokenVerifier({
    issuer: scripted.issuer,
    audience: AUDIENCE,
    onEvent: () => {},
    ...options,
  })
  const authorization = `Bearer ${await token}`
  const verdict = await verify({ header: () => authorization } as Partial<RequestView> as RequestView)
  return verdict.state === 'refused' ? verdict.status : verdict.state
}

const token = (claims: Record<string, unknown> = {}) =>
  signed({ aud: AUDIENCE, scope: 'read', ...claims }, 'at+jwt')

const tokenElsewhere = () => signedElsewhere({ aud: AUDIENCE, scope: 'read' }, 'at+jwt')

const { clock } = scripted
const seconds = () => Math.floor(clock.now() / 1000)

testOptions<AccessTokenVerifierOptions>('AccessTokenVerifierOptions', {
  issuer: {
    set: elsewhere.issuer,
    instead: scripted.issuer,
    see: (options) =>
      verdictOn(tokenElsewhere(), { clock, signingAlgorithms: ['ES256', 'ES384'], ...options }),
    shows: [401, 'accepted'],
  },
  audience: {
    set: 'https://orders.example.com',
    instead: 'https://billing.example.com',
    see: (options) => verdictOn(token({ aud: 'https://orders.example.com' }), { clock, ...options }),
    shows: [403, 'accepted'],
  },
  scopes: {
    set: ['read', 'write'],
    see: (options) =>
      outcomesOf(['read', 'write', 'write read'], (scope) =>
        verdictOn(token({ scope }), { clock, ...options }),
      ),
    shows: [
      ['accepted', 'accepted', 'accepted'],
      [403, 403, 'accepted'],
    ],
  },
  signingAlgorithms: {
    set: ['ES384'],
    see: (options) => verdictOn(tokenElsewhere(), { issuer: elsewhere.issuer, clock, ...options }),
    shows: [401, 'accepted'],
  },
  timeoutMs: {
    set: 5_000,
    see: (options) =>
      outcomesOfWaiting(scripted, DISCOVERY, json(200, scripted.metadata), () =>
        verdictOn(token(), { clock, ...options }),
      ),
    shows: [
      ['accepted', 'accepted', 'accepted', 'provider_unavailable'],
      ['accepted', 'provider_unavailable', 'provider_unavailable', 'provider_unavailable'],
    ],
  },
  clockToleranceMs: {
    set: 60_000,
    see: (options) =>
      outcomesOf([29, 30, 59, 60], (age) =>
        verdictOn(token({ exp: seconds() - age }), { clock, ...options }),
      ),
    shows: [
      ['accepted', 401, 401, 401],
      ['accepted', 'accepted', 'accepted', 401],
    ],
  },
  dangerouslyAllowInsecureIssuer: {
    set: true,
    see: (options) => {
      const iss = 'http://idp.internal'
      const metadata = { issuer: iss, jwks_uri: `${iss}/jwks` }
      const fetchInside: Fetch = async (url) =>
        url === metadata.jwks_uri ? fetch(`${scripted.issuer}/jwks`) : Response.json(metadata)
      return outcomeOf(() =>
        verdictOn(token({ iss }), { issuer: iss, fetch: fetchInside, clock, ...options }),
      )
    },
    shows: ['invalid_config', 'accepted'],
  },
  discoveryCache: {
    set: createDiscoveryCache(),
    see: async (options) => {
      const before = scripted.requestsTo(DISCOVERY).length
      await verdictOn(token(), { clock, ...options })
      await verdictOn(token(), { clock, ...options })
      return scripted.requestsTo(DISCOVERY).length - before
    },
    shows: [2, 1],
  },
  fetch: {
    set: fetchThroughProxy,
    see: async (options) => {
      await verdictOn(token(), { clock, ...options })
      return [DISCOVERY, '/jwks'].map((path) => scripted.requestsTo(path).at(-1)?.headers.via)
    },
    shows: [
      [undefined, undefined],
      ['1.1 proxy', '1.1 proxy'],
    ],
  },
  clock: {
    set: manualClock(Date.now() + 3_600_000),
    see: (options) => {
      const now = Math.floor(Date.now() / 1000)
      return verdictOn(token({ iat: now, exp: now + 300 }), options)
    },
    shows: ['accepted', 401],
  },
  onEvent: {
    set: hear,
    see: (options) =>
      announcedBy(() =>
        accessTokenVerifier({
          issuer: 'http://idp.internal',
          audience: AUDIENCE,
          dangerouslyAllowInsecureIssuer: true,
          ...options,
        }),
      ),
    shows: announcedAs('accessTokenVerifier.dangerouslyAllowInsecureIssuer'),
  },
})
