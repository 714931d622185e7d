import { testOptions } from '@bff/test-support/options'
import { fetchUpstream, type ProxyRoute } from '../../src/proxy/index.ts'
import { type Asked, bodyOrCode, pause, type Relayed, relayed } from '../proxy/relayed.ts'
import { answeringAfter } from '../proxy/slow-api.ts'
import { bytes, tokensOf, valuesOf } from '../proxy/support.ts'

type Some = Partial<ProxyRoute>

const statusOf = ({ reply }: Relayed) => reply?.status
const urlsOf = ({ sent }: Relayed) => sent.map(({ url }) => url)
const atApi = (name: string) => async (route: Some, asked?: Asked) =>
  (await relayed(route, asked)).sent.map(({ headers }) => new Map(headers).get(name))
const atPage = (name: string, headers: ReadonlyArray<readonly [string, string]>) => async (route: Some) =>
  valuesOf((await relayed(route, { answer: () => ({ headers }) })).reply?.headers ?? [], name)

const authorization = atApi('authorization')

const posting = (body: string, asked: Asked = {}) => ({ ...asked, method: 'POST', body })

/** An API that takes alice's second access token only. */
const onceRefused: Asked = {
  answer: ({ headers }) => ({
    status: new Map(headers).get('authorization') === 'Bearer access-1' ? 401 : 200,
  }),
}

/** What the page gets of an API that answers after each of these times. */
const answersAfter =
  (...times: number[]) =>
  (route: Some) =>
    Promise.all(
      times.map(async (ms) => {
        const answer: Asked['answer'] = async (request, clock) => {
          await pause(request, clock, ms)
          return {}
        }
        return statusOf(await relayed(route, { answer }))
      }),
    )

/** What the page gets of an API that pauses for each of these times before the end of its answer. */
const pausesFor =
  (...times: number[]) =>
  (route: Some) =>
    Promise.all(
      times.map(async (ms) => {
        const answer: Asked['answer'] = (request, clock) => ({
          body: (async function* () {
            yield bytes('begun ')
            await pause(request, clock, ms)
            yield bytes('and done')
          })(),
        })
        return bodyOrCode(await relayed(route, { answer }))
      }),
    )

testOptions<ProxyRoute>('ProxyRoute', {
  path: {
    set: '/stock',
    instead: '/api',
    see: async (route) => urlsOf(await relayed(route, { target: '/stock/7' })),
    shows: [[], ['https://orders.internal/7']],
  },
  target: {
    set: 'https://stock.internal/v1',
    instead: 'https://orders.internal',
    see: async (route) => urlsOf(await relayed(route, { target: '/api/7' })),
    shows: [['https://orders.internal/7'], ['https://stock.internal/v1/7']],
  },
  stripPrefix: {
    set: false,
    see: async (route) => urlsOf(await relayed(route)),
    shows: [['https://orders.internal/orders'], ['https://orders.internal/api/orders']],
  },
  rewritePath: {
    set: (path) => `/v2${path}`,
    see: async (route) => urlsOf(await relayed(route)),
    shows: [['https://orders.internal/orders'], ['https://orders.internal/v2/orders']],
  },
  token: {
    set: 'user-or-none',
    see: async (route) => [await authorization(route), await authorization(route, { signedIn: false })],
    shows: [
      [['Bearer access-1'], []],
      [['Bearer access-1'], [undefined]],
    ],
  },
  clientToken: {
    set: async () => tokensOf('second-client'),
    instead: async () => tokensOf('first-client'),
    see: (route) => authorization({ token: 'client', ...route }),
    shows: [['Bearer first-client'], ['Bearer second-client']],
  },
  userToken: {
    set: async ({ userId }) => tokensOf(`for-${userId}`),
    see: (route) => authorization(route),
    shows: [['Bearer access-1'], ['Bearer for-alice']],
  },
  methods: {
    set: ['GET', 'PURGE'],
    see: async (route) =>
      Promise.all(['GET', 'POST', 'PURGE'].map(async (method) => statusOf(await relayed(route, { method })))),
    shows: [
      [200, 200, 405],
      [200, 405, 200],
    ],
  },
  csrf: {
    set: 'same-origin',
    see: async (route) =>
      statusOf(await relayed(route, { headers: { 'x-csrf': '', 'sec-fetch-site': 'same-origin' } })),
    shows: [403, 200],
  },
  allowPathParameters: {
    set: true,
    see: async (route) => urlsOf(await relayed(route, { target: '/api/orders;v=1' })),
    shows: [[], ['https://orders.internal/orders;v=1']],
  },
  webSocket: {
    set: true,
    see: async (route) => statusOf(await relayed(route, { upgrade: true })),
    shows: [400, 101],
  },
  forwardHeaders: {
    set: ['X-Tenant'],
    see: (route) => atApi('x-tenant')(route, { headers: { 'x-tenant': 'acme' } }),
    shows: [[undefined], ['acme']],
  },
  removeHeaders: {
    set: ['Accept-Language'],
    see: (route) => atApi('accept-language')(route, { headers: { 'accept-language': 'de' } }),
    shows: [['de'], [undefined]],
  },
  removeResponseHeaders: {
    set: ['X-Trace'],
    see: atPage('x-trace', [['x-trace', '7']]),
    shows: [['7'], []],
  },
  allowSetCookie: {
    set: ['theme'],
    see: atPage('set-cookie', [
      ['set-cookie', 'theme=dark'],
      ['set-cookie', 'other=1'],
    ]),
    shows: [[], ['theme=dark']],
  },
  onRequest: {
    set: (headers, session) => void headers.set('x-user', session?.userId ?? 'nobody'),
    see: (route) => atApi('x-user')(route),
    shows: [[undefined], ['alice']],
  },
  maxBodyBytes: {
    set: 3,
    see: async (route) =>
      Promise.all(['abc', 'abcd'].map(async (body) => statusOf(await relayed(route, posting(body))))),
    shows: [
      [200, 200],
      [200, 413],
    ],
  },
  replayBodyBytes: {
    set: 3,
    see: async (route) =>
      Promise.all(
        ['abc', 'abcd'].map(async (body) => statusOf(await relayed(route, posting(body, onceRefused)))),
      ),
    shows: [
      [200, 200],
      [200, 401],
    ],
  },
  headersTimeoutMs: {
    set: 1_000,
    see: (route) =>
      answeringAfter([999, 1_000, 29_999, 30_000], async (target) =>
        statusOf(await relayed({ target, ...route }, { upstream: fetchUpstream() })),
      ),
    shows: [
      [200, 200, 200, 504],
      [200, 504, 504, 504],
    ],
  },
  idleTimeoutMs: {
    set: 1_000,
    see: pausesFor(999, 1_000, 59_999, 60_000),
    shows: [
      ['begun and done', 'begun and done', 'begun and done', 'upstream_timeout'],
      ['begun and done', 'upstream_timeout', 'upstream_timeout', 'upstream_timeout'],
    ],
  },
  totalTimeoutMs: {
    set: 1_000,
    see: answersAfter(999, 1_000, 3_600_000),
    shows: [
      [200, 200, 200],
      [200, 504, 504],
    ],
  },
})
