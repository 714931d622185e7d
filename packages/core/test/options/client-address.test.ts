import { manualClock } from '@bff/test-support/clock'
import { testOptions } from '@bff/test-support/options'
import { type ClientAddressOptions, clientAddress } from '../../src/client-address/index.ts'
import type { BffEvent } from '../../src/index.ts'
import { request } from '../world.ts'

const [PROXY, EDGE] = ['10.0.0.1', '172.64.0.7']
const HEADERS = {
  'x-forwarded-for': '192.0.2.1',
  'x-real-ip': '192.0.2.2',
  'cf-connecting-ip': '192.0.2.3',
}

/** The address that a request of this peer's comes from. */
function addressVia(options: ClientAddressOptions, remoteAddress: string | undefined, headers = HEADERS) {
  return clientAddress(options)({ ...request('GET', '/', headers), remoteAddress })
}

/** A trusted proxy says something that is no address. */
const malformed = (options: ClientAddressOptions) =>
  addressVia({ trustedProxies: [PROXY], ...options }, PROXY, { ...HEADERS, 'x-forwarded-for': 'unknown' })

const reported: string[] = []

testOptions<ClientAddressOptions>('ClientAddressOptions', {
  trustedProxies: {
    set: ['10.0.0.0/8'],
    see: (options) => addressVia(options, PROXY),
    shows: ['10.0.0.1', '192.0.2.1'],
  },
  header: {
    set: 'x-real-ip',
    see: (options) => addressVia({ trustedProxies: [PROXY], ...options }, PROXY),
    shows: ['192.0.2.1', '192.0.2.2'],
  },
  cloudflare: {
    set: true,
    see: (options) => addressVia(options, EDGE),
    shows: ['172.64.0.7', '192.0.2.3'],
  },
  dangerouslyTrustUnknownPeer: {
    set: true,
    see: (options) => addressVia(options, undefined),
    shows: [null, '192.0.2.1'],
  },
  onEvent: {
    set: ({ type }) => {
      reported.push(type)
    },
    see: (options) => {
      reported.length = 0
      malformed(options)
      return [...reported]
    },
    shows: [[], ['ip.malformed']],
  },
  clock: {
    set: manualClock(Date.UTC(2031, 4, 6)),
    see: (options) => {
      const years: number[] = []
      const onEvent = ({ at }: BffEvent) => void years.push(new Date(at).getUTCFullYear())
      malformed({ onEvent, ...options })
      return years.includes(2031)
    },
    shows: [false, true],
  },
})
