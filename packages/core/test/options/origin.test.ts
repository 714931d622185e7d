import { type OptionCases, testOptions } from '@bff/test-support/options'
import {
  type OriginCheckOptions,
  type OriginOptions,
  originCheck,
  originValidator,
} from '../../src/compose/index.ts'
import { jsonReply, type RequestView } from '../../src/index.ts'
import { request } from '../world.ts'

const APP = 'https://app.example.com'
const OURS: OriginOptions = { allowedOrigins: [APP] }

/** What both take, seen by whether a request may come in. */
function originCases(
  lets: (options: OriginOptions, view: RequestView) => boolean | Promise<boolean>,
): OptionCases<OriginOptions> {
  return {
    allowedOrigins: {
      set: ['https://www.example.com'],
      see: (options) =>
        lets(
          { allowedHosts: ['app.example.com'], ...options },
          request('POST', '/orders', { origin: 'https://www.example.com' }),
        ),
      shows: [false, true],
    },
    allowedHosts: {
      set: ['www.example.com'],
      see: (options) =>
        lets({ ...OURS, ...options }, request('POST', '/orders', { origin: 'https://www.example.com' })),
      shows: [false, true],
    },
    allowMissingOrigin: {
      set: true,
      see: (options) => lets({ ...OURS, ...options }, request('POST', '/orders')),
      shows: [false, true],
    },
    checkReferer: {
      set: false,
      see: (options) => lets({ ...OURS, ...options }, request('POST', '/orders', { referer: `${APP}/cart` })),
      shows: [true, false],
    },
    skipMethods: {
      set: ['GET'],
      see: (options) => lets({ ...OURS, ...options }, request('GET', '/orders')),
      shows: [false, true],
    },
  }
}

const ok = async () => jsonReply(200, 'ok')
const statusOf = async (options: OriginCheckOptions, view: RequestView) =>
  (await originCheck(options)(view, ok)).status

const reported: string[] = []

testOptions<OriginOptions>(
  'OriginOptions',
  originCases((options, view) => originValidator(options)(view) === null),
)

testOptions<OriginCheckOptions>('OriginCheckOptions', {
  ...originCases(async (options, view) => (await statusOf(options, view)) === 200),
  onRefused: {
    set: () => jsonReply(418, 'no'),
    see: (options) => statusOf({ ...OURS, ...options }, request('POST', '/orders')),
    shows: [403, 418],
  },
  onEvent: {
    set: ({ type }) => {
      reported.push(type)
    },
    see: async (options) => {
      reported.length = 0
      await statusOf({ ...OURS, ...options }, request('POST', '/orders'))
      return [...reported]
    },
    shows: [[], ['csrf.rejected']],
  },
})
