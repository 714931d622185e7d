import { manualClock } from '@bff/test-support/clock'
import { testOptions } from '@bff/test-support/options'
import { decodeJwt } from 'jose'
import { generateDpopKeyPair } from '../../src/dpop/index.ts'
import { type SessionFetchOptions, sessionFetch } from '../../src/proxy/index.ts'
import { answeringAfter } from '../proxy/slow-api.ts'
import { API, bytes, chunksOf, FakeUpstream, fakeSession, startApi, tokensOf } from '../proxy/support.ts'

const keyPair = await generateDpopKeyPair()
const clock = manualClock(0)

/** What an API answers to a call for a session, or the code the call fails with. */
async function got(url: string, options: Partial<SessionFetchOptions>): Promise<string> {
  const call = sessionFetch({ origins: [new URL(url).origin], ...options })
  const session = fakeSession({ tokens: tokensOf('at-1', keyPair) })
  return call(session, url)
    .then((response) => response.text())
    .catch(({ code }) => String(code))
}

/** What its proof says of the time, and how an answer ends that a minute of the clock lies in. */
async function timesOf(options: Partial<SessionFetchOptions>) {
  const upstream = new FakeUpstream(({ signal }) => ({
    body: (async function* () {
      yield bytes('the whole answer')
      await clock.advance(60_000)
      signal.throwIfAborted()
    })(),
  }))
  const answer = await got(API, { upstream, ...options })
  const proof = new Map(upstream.only.headers).get('dpop') ?? ''
  return { proof: isRecent(decodeJwt(proof).iat) ? 'now' : 'another time', answer }
}

const isRecent = (seconds = 0) => Math.abs(Date.now() / 1000 - seconds) < 3_600

testOptions<SessionFetchOptions>('SessionFetchOptions', {
  origins: {
    set: ['https://stock.internal', API],
    instead: ['https://stock.internal'],
    see: (options) =>
      got(`${API}/7`, { upstream: new FakeUpstream(({ url }) => ({ body: chunksOf(url) })), ...options }),
    shows: ['invalid_argument', 'https://orders.internal/7'],
  },
  userToken: {
    set: { resource: 'https://stock.internal' },
    see: async (options) => {
      const upstream = new FakeUpstream(() => ({ body: chunksOf('') }))
      await got(API, { upstream, ...options })
      return new Map(upstream.only.headers).get('authorization')
    },
    shows: ['DPoP at-1', 'DPoP at-1-for-https://stock.internal'],
  },
  upstream: {
    set: new FakeUpstream(() => ({ body: chunksOf('in this process') })),
    see: async (options) => {
      const { origin } = await startApi((_req, res) => void res.end('over a connection'))
      return got(origin, options)
    },
    shows: ['over a connection', 'in this process'],
  },
  headersTimeoutMs: {
    set: 1_000,
    see: (options) => answeringAfter([999, 1_000, 29_999, 30_000], (origin) => got(origin, options)),
    shows: [
      ['answered', 'answered', 'answered', 'upstream_timeout'],
      ['answered', 'upstream_timeout', 'upstream_timeout', 'upstream_timeout'],
    ],
  },
  clock: {
    set: clock,
    see: timesOf,
    shows: [
      { proof: 'now', answer: 'the whole answer' },
      { proof: 'another time', answer: 'upstream_timeout' },
    ],
  },
})
