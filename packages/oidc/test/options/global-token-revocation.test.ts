import { randomBytes } from 'node:crypto'
import { type BffEvent, createBff, type Reply } from '@bff/core'
import { memoryStore } from '@bff/store-memory'
import { testOptions } from '@bff/test-support/options'
import { afterAll } from 'vitest'
import type { Fetch } from '../../src/index.ts'
import { type GlobalTokenRevocationOptions, globalTokenRevocation } from '../../src/shared-signals/index.ts'
import { post } from '../shared-signals/transmitter.ts'
import {
  fetchThroughProxy,
  outcomeOf,
  outcomesOf,
  outcomesOfWaiting,
  signerOf,
} from '../support/option-effects.ts'
import { json, scriptedProvider } from '../support/scripted-provider.ts'

type Options = Partial<GlobalTokenRevocationOptions>

const DISCOVERY = '/.well-known/openid-configuration'
const PATH = '/bff/global-token-revocation'
const AUDIENCE = `https://app.example.com${PATH}`
const ELSEWHERE = 'https://elsewhere.example.com'

const scripted = await scriptedProvider()
const other = await scriptedProvider()
const signed = await signerOf(scripted, 'ES256')
const signedByOther = await signerOf(other, 'ES384')
afterAll(async () => {
  await Promise.all([scripted.close(), other.close()])
})

const { clock } = scripted
const seconds = () => Math.floor(clock.now() / 1000)
const claims = (changes: Record<string, unknown> = {}) => ({
  aud: AUDIENCE,
  jti: crypto.randomUUID(),
  ...changes,
})
const token = (changes: Record<string, unknown> = {}) =>
  signed(claims(changes), 'global-token-revocation+jwt')
const tokenOfOther = () => signedByOther(claims(), 'global-token-revocation+jwt')
const alice = { format: 'iss_sub', iss: scripted.issuer, sub: 'alice' }

/** What a request to sign `sub_id` out comes to. */
async function statusOf(options: Options, jwt: Promise<string>, sub_id: unknown = alice, path = PATH) {
  const { reply } = await ask(options, jwt, sub_id, path)
  return reply?.status
}

async function ask(options: Options, jwt: Promise<string>, sub_id: unknown = alice, path = PATH) {
  const events: BffEvent[] = []
  const bff = createBff({
    origin: 'https://app.example.com',
    store: memoryStore(),
    encryptionKeys: [randomBytes(32).toString('base64')],
    clock,
    plugins: [globalTokenRevocation({ issuer: scripted.issuer, ...options })],
    onEvent: (event) => events.push(event),
  })
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${await jwt}` }
  const reply: Reply | undefined = await bff.handle(post(path, JSON.stringify({ sub_id }), headers))
  return { reply, events }
}

testOptions<GlobalTokenRevocationOptions>('GlobalTokenRevocationOptions', {
  issuer: {
    set: other.issuer,
    instead: scripted.issuer,
    see: (options) => {
      const subject = { ...alice, iss: other.issuer }
      const rest = { signingAlgorithms: ['ES256', 'ES384'] } as const
      return statusOf({ ...rest, ...options }, tokenOfOther(), subject)
    },
    shows: [401, 204],
  },
  audience: {
    set: 'https://app.example.com',
    see: (options) => statusOf(options, token({ aud: 'https://app.example.com' })),
    shows: [401, 204],
  },
  path: {
    set: '/universal-logout',
    see: (options) =>
      statusOf(
        options,
        token({ aud: 'https://app.example.com/universal-logout' }),
        alice,
        '/universal-logout',
      ),
    shows: [undefined, 204],
  },
  subjectIssuers: {
    set: [ELSEWHERE],
    see: (options) =>
      outcomesOf([scripted.issuer, ELSEWHERE], (iss) => statusOf(options, token(), { ...alice, iss })),
    shows: [
      [204, 404],
      [404, 204],
    ],
  },
  findSessions: {
    set: () => [{ userId: 'alice' }],
    see: (options) => statusOf(options, token(), { format: 'email', email: 'alice@example.com' }),
    shows: [404, 204],
  },
  signingAlgorithms: {
    set: ['ES384'],
    see: (options) =>
      statusOf({ issuer: other.issuer, ...options }, tokenOfOther(), { ...alice, iss: other.issuer }),
    shows: [401, 204],
  },
  timeoutMs: {
    set: 5_000,
    see: (options) =>
      outcomesOfWaiting(scripted, DISCOVERY, json(200, scripted.metadata), () => statusOf(options, token())),
    shows: [
      [204, 204, 204, 503],
      [204, 503, 503, 503],
    ],
  },
  clockToleranceMs: {
    set: 60_000,
    see: (options) =>
      outcomesOf([29, 30, 59, 60], (age) => statusOf(options, token({ exp: seconds() - age }))),
    shows: [
      [204, 401, 401, 401],
      [204, 204, 204, 401],
    ],
  },
  dangerouslyAllowInsecureIssuer: {
    set: true,
    see: (options) => {
      const iss = 'http://idp.internal'
      const metadata = { issuer: iss, jwks_uri: `${iss}/jwks` }
      const fetchInside: Fetch = async (url) =>
        url === metadata.jwks_uri ? fetch(`${scripted.issuer}/jwks`) : Response.json(metadata)
      return outcomeOf(async () => {
        const insecure = { issuer: iss, fetch: fetchInside, ...options }
        const { reply, events } = await ask(insecure, token({ iss }), { ...alice, iss })
        const told = events.flatMap((event) => (event.type === 'config.insecure' ? [event.option] : []))
        return [reply?.status, told.filter((option) => option.startsWith('globalTokenRevocation'))]
      })
    },
    shows: ['invalid_config', [204, ['globalTokenRevocation.dangerouslyAllowInsecureIssuer']]],
  },
  fetch: {
    set: fetchThroughProxy,
    see: async (options) => {
      await statusOf(options, token())
      return [DISCOVERY, '/jwks'].map((path) => scripted.requestsTo(path).at(-1)?.headers.via)
    },
    shows: [
      [undefined, undefined],
      ['1.1 proxy', '1.1 proxy'],
    ],
  },
})
