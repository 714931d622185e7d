import type { BffEvent } from '@bff/core'
import { testOptions } from '@bff/test-support/options'
import { expect, test } from 'vitest'
import type { Fetch } from '../../src/index.ts'
import { type SharedSignalsOptions, sharedSignals } from '../../src/shared-signals/index.ts'
import { EFFECTIVE_TYPES, urisOf } from '../../src/shared-signals/signals.ts'
import {
  ACCESS_TOKEN,
  AUDIENCE,
  alice,
  CAEP,
  IDP,
  inTime,
  post,
  receiver,
  TRANSMITTER,
  transmitter,
  turns,
  until,
} from '../shared-signals/transmitter.ts'
import { outcomeOf, outcomesOf } from '../support/option-effects.ts'

type Options = Partial<SharedSignalsOptions>

const ELSEWHERE = 'https://elsewhere.example.com'
const SECRET = 'another-secret-of-a-stream-that-is-long-enough'

/** What pushes with these claims come to, at a receiver with these options. */
async function pushed(options: Options, claims: Record<string, unknown> = {}, alg = 'ES256') {
  const from = await transmitter(alg)
  const { deliver } = receiver(from, options)
  return deliver(await from.set(claims))
}

/** Whether alice is still signed in after a signal. */
async function staysSignedIn(options: Options, claims: Record<string, unknown> = {}) {
  const from = await transmitter()
  const { push, session, isActive } = receiver(from, options)
  const one = await session()
  await push(await from.set(claims))
  return isActive(one)
}

const hang: SharedSignalsOptions['fetch'] = () => new Promise(() => {})

testOptions<SharedSignalsOptions>('SharedSignalsOptions', {
  issuer: {
    set: ELSEWHERE,
    instead: TRANSMITTER,
    see: async (options) => {
      const from = await transmitter()
      const { deliver } = receiver(from, {
        ...options,
        fetch: async (url, init) =>
          url.startsWith(ELSEWHERE)
            ? Response.json({ issuer: ELSEWHERE, jwks_uri: from.metadata['jwks_uri'] })
            : from.fetch(url, init),
      })
      return deliver(await from.set({ iss: ELSEWHERE }))
    },
    shows: ['400 invalid_issuer', 'accepted'],
  },
  audience: {
    set: 'https://other.example.com',
    instead: AUDIENCE,
    see: (options) => pushed(options, { aud: 'https://other.example.com' }),
    shows: ['400 invalid_audience', 'accepted'],
  },
  delivery: {
    set: 'poll',
    see: async (options) => {
      const from = await transmitter()
      const { bff } = receiver(from, { accessToken: ACCESS_TOKEN, ...options })
      await inTime(from.clock, () => from.verifications.length > 0)
      const methods = [...from.streams.values()].map(
        ({ delivery }) => (delivery as { method: string }).method,
      )
      await bff.close()
      return [bff.paths.includes('/bff/*'), methods]
    },
    shows: [
      [true, ['urn:ietf:rfc:8935']],
      [true, ['urn:ietf:rfc:8936']],
    ],
  },
  pushToken: {
    set: SECRET,
    see: async (options) => {
      const from = await transmitter()
      const { push } = receiver(from, options)
      return (await push(await from.set(), { authorization: `Bearer ${SECRET}` })).status
    },
    shows: [401, 202],
  },
  path: {
    set: '/signals',
    see: async (options) => {
      const { bff } = receiver(await transmitter(), options)
      const replies = ['/bff/shared-signals', '/signals'].map((path) => bff.handle(post(path, '', {})))
      return (await Promise.all(replies)).map((reply) => reply?.status)
    },
    shows: [
      [401, undefined],
      [404, 401],
    ],
  },
  accessToken: {
    set: ACCESS_TOKEN,
    see: async (options) => {
      const from = await transmitter()
      const { bff, signals } = receiver(from, options)
      await (options.accessToken ? until(() => from.verifications.length > 0) : turns(2_000))
      const status = await outcomeOf(() => signals.stream.status())
      await bff.close()
      return [from.streams.size, status]
    },
    shows: [
      [0, 'invalid_argument'],
      [1, 'enabled'],
    ],
  },
  events: {
    set: ['account-disabled'],
    see: async (options) => {
      const from = await transmitter()
      const { bff } = receiver(from, { accessToken: ACCESS_TOKEN, ...options })
      await inTime(from.clock, () => from.streams.size > 0)
      await bff.close()
      return [...from.streams.values()][0]?.['events_requested']
    },
    shows: [urisOf(EFFECTIVE_TYPES), urisOf(['account-disabled'])],
  },
  subjectIssuers: {
    set: [ELSEWHERE],
    see: (options) => {
      const sub_id = { ...alice, iss: ELSEWHERE }
      return Promise.resolve(
        outcomesOf([IDP, ELSEWHERE], async (issuer) => {
          const from = await transmitter()
          const { bff, push, isActive } = receiver(from, options)
          const { session } = await bff.sessions.create({ userId: 'alice', issuer })
          await push(await from.set({ sub_id }))
          return isActive(session)
        }),
      )
    },
    shows: [
      [true, true],
      [true, false],
    ],
  },
  pollIntervalMs: {
    set: 60_000,
    see: async (options) => {
      const from = await transmitter()
      const { bff } = receiver(from, { delivery: 'poll', accessToken: ACCESS_TOKEN, ...options })
      const polls = () => from.requestsTo('POST /poll').length
      await inTime(from.clock, () => polls() === 1)
      const times: number[] = []
      const began = from.clock.now()
      while (times.length < 2) {
        await turns(200)
        await from.clock.advance(1_000)
        await turns(200)
        while (times.length < polls() - 1) times.push(from.clock.now() - began)
      }
      await bff.close()
      return times
    },
    shows: [
      [2_000, 4_000],
      [60_000, 120_000],
    ],
  },
  findSessions: {
    set: () => [{ userId: 'alice' }],
    see: (options) => staysSignedIn(options, { sub_id: { format: 'email', email: 'alice@example.com' } }),
    shows: [true, false],
  },
  onSignal: {
    set: () => 'none',
    see: (options) => staysSignedIn(options),
    shows: [false, true],
  },
  signingAlgorithms: {
    set: ['ES384'],
    see: (options) => pushed(options, {}, 'ES384'),
    shows: ['400 invalid_request', 'accepted'],
  },
  timeoutMs: {
    set: 5_000,
    see: async (options) => {
      const from = await transmitter()
      const { push } = receiver(from, { ...options, fetch: hang })
      const token = await from.set()
      const began = from.clock.now()
      const reply = await from.clock.run(push(token))
      return [reply.status, from.clock.now() - began]
    },
    shows: [
      [503, 10_000],
      [503, 5_000],
    ],
  },
  clockToleranceMs: {
    set: 60_000,
    see: (options) =>
      outcomesOf([30, 31, 60, 61], async (ahead) => {
        const from = await transmitter()
        return receiver(from, options).deliver(await from.set({ iat: from.seconds() + ahead }))
      }),
    shows: [
      ['accepted', '400 invalid_request', '400 invalid_request', '400 invalid_request'],
      ['accepted', 'accepted', 'accepted', '400 invalid_request'],
    ],
  },
  dangerouslyAllowInsecureIssuer: {
    set: true,
    see: async (options) => {
      const iss = 'http://signals.internal'
      const from = await transmitter()
      const fetchInside: Fetch = async (url, init) =>
        url === `${iss}/.well-known/ssf-configuration`
          ? Response.json({ issuer: iss, jwks_uri: `${iss}/jwks` })
          : from.fetch(url, init)
      return outcomeOf(async () => {
        const { deliver, events } = receiver(from, { issuer: iss, fetch: fetchInside, ...options })
        const insecure = (event: BffEvent) => (event.type === 'config.insecure' ? [event.option] : [])
        const announced = events.flatMap(insecure).filter((option) => option.startsWith('sharedSignals'))
        return [announced, await deliver(await from.set({ iss }))]
      })
    },
    shows: ['invalid_config', [['sharedSignals.dangerouslyAllowInsecureIssuer'], 'accepted']],
  },
  fetch: {
    set: hang,
    see: async (options) => {
      const from = await transmitter()
      const { push } = receiver(from, options)
      return (await from.clock.run(push(await from.event(`${CAEP}session-revoked`)))).status
    },
    shows: [202, 503],
  },
})

const least: SharedSignalsOptions = { issuer: TRANSMITTER, audience: AUDIENCE, pushToken: SECRET }

test.each<readonly [SharedSignalsOptions, string]>([
  [{ ...least, pushToken: 'short' }, 'pushToken must be a secret of at least 32 characters'],
  [{ issuer: TRANSMITTER, audience: AUDIENCE }, 'pushToken must be a secret'],
  [{ issuer: TRANSMITTER, audience: AUDIENCE, delivery: 'poll' }, 'accessToken is required'],
  [{ ...least, events: ['session-revoke' as 'session-revoked'] }, 'events lists a value that is not valid'],
  [{ ...least, issuer: 'http://signals.internal' }, 'issuer must use https'],
  [{ ...least, pushtoken: SECRET } as SharedSignalsOptions, 'Unknown option pushtoken'],
])('%j is refused with a sentence that names the option', (options, sentence) => {
  expect(() => sharedSignals(options)).toThrow(sentence)
})
