import { describe, expect, it } from 'vitest'
import {
  CLOUDFLARE_RANGES,
  type ClientAddressOptions,
  clientAddress,
  cloudflareMetadata,
  keepCloudflareMetadata,
} from '../../src/client-address/index.ts'
import { type BffEvent, type RequestView, systemClock } from '../../src/index.ts'
import { request, world } from '../world.ts'

const PROXY = '10.0.0.1'
const EDGE = '172.64.0.7'

function from(remoteAddress: string | undefined, headers: Record<string, string> = {}): RequestView {
  return { ...request('GET', '/', headers), remoteAddress }
}

/** What a reader with these options makes of a request, and what it reports. */
function read(options: ClientAddressOptions, view: RequestView) {
  const events: BffEvent[] = []
  const found = clientAddress({ ...options, onEvent: (event) => events.push(event) }).explain(view)
  return {
    ...found,
    events: events.map((event) => (event.type === 'ip.malformed' ? event.header : event.type)),
  }
}

const behind = (...trustedProxies: string[]): ClientAddressOptions => ({ trustedProxies })
const xff = (value: string) => ({ 'x-forwarded-for': value })
const forwarded = (value: string) => ({ forwarded: value })
const viaXff = (value: string) => read(behind('10.0.0.0/8'), from(PROXY, xff(value)))
const viaForwarded = (value: string) =>
  read({ ...behind('10.0.0.0/8'), header: 'forwarded' }, from(PROXY, forwarded(value)))

describe('whom it believes', () => {
  const everything = {
    'x-forwarded-for': '192.0.2.1',
    'x-real-ip': '192.0.2.2',
    'true-client-ip': '192.0.2.3',
    'cf-connecting-ip': '192.0.2.4',
    forwarded: 'for=192.0.2.5',
  }

  it('trusts nothing by default: the socket peer, whatever the headers say [S1-30, S1-32, CIP-01, CIP-02]', () => {
    expect(read({}, from('203.0.113.9', everything))).toMatchObject({ address: '203.0.113.9', events: [] })
  })

  it('does not listen to a peer outside the trusted networks [CIP-01]', () => {
    const options = { ...behind('10.0.0.0/8'), cloudflare: true }
    expect(read(options, from('203.0.113.9', everything)).address).toBe('203.0.113.9')
    expect(read(options, from('11.0.0.1', everything)).address).toBe('11.0.0.1')
  })

  it('reads the one header it is told to, and none of the others [S1-31]', () => {
    const of = (header: string) => read({ ...behind(PROXY), header }, from(PROXY, everything)).address
    expect(of('x-forwarded-for')).toBe('192.0.2.1')
    expect(of('X-Real-IP')).toBe('192.0.2.2')
    expect(of('true-client-ip')).toBe('192.0.2.3')
    expect(of('forwarded')).toBe('192.0.2.5')
    expect(of('x-client-ip')).toBe(PROXY)
  })

  it.each([
    ['0.0.0.0/0'],
    ['::/0'],
    ['::ffff:0:0/96'],
    ['0.0.0.0/1'],
    ['2000::/3'],
    ['10.0.0.1/8'],
    ['10.0.0.0/33'],
    ['10.0.0.0/08'],
    ['10.0.0.0/'],
    ['10.0.0.0/8/8'],
    ['010.0.0.0/8'],
    ['fe80::1%eth0'],
    ['::ffff:10.0.0.0/95'],
    ['localhost'],
    [''],
  ])('refuses to start with %s as a trusted network [CIP-02]', (network) => {
    expect(() => clientAddress(behind(network))).toThrowError(
      expect.objectContaining({ code: 'invalid_config' }),
    )
  })

  it('takes single addresses and mapped networks, and matches the bits', () => {
    const address = (network: string, peer: string) =>
      read(behind(network), from(peer, xff('192.0.2.1'))).address
    expect(address('10.1.2.3', '10.1.2.3')).toBe('192.0.2.1')
    expect(address('10.1.2.3', '10.1.2.4')).toBe('10.1.2.4')
    expect(address('10.1.0.0/17', '10.1.127.255')).toBe('192.0.2.1')
    expect(address('10.1.0.0/17', '10.1.128.0')).toBe('10.1.128.0')
    expect(address('::ffff:10.0.0.0/104', '10.9.9.9')).toBe('192.0.2.1')
    expect(address('fc00::/7', 'fd12::1')).toBe('192.0.2.1')
  })

  it('refuses an unknown option, a list that is none and a header that is none', () => {
    const wrong: Array<Record<string, unknown>> = [
      { trustProxy: true },
      { trustedProxies: '10.0.0.0/8' },
      { header: 'x forwarded' },
      { cloudflare: ['everyone'] },
    ]
    for (const options of wrong)
      expect(() => clientAddress(options)).toThrowError(expect.objectContaining({ code: 'invalid_config' }))
  })
})

describe('X-Forwarded-For', () => {
  it('is walked from the right: the first hop that is not trusted is the client [CIP-03]', () => {
    expect(viaXff('192.0.2.1').address).toBe('192.0.2.1')
    expect(viaXff('6.6.6.6, 192.0.2.1, 10.0.0.2,10.0.0.3')).toMatchObject({
      address: '192.0.2.1',
      internal: false,
      malformed: false,
    })
  })

  it('says the same for header lines the host has joined [CIP-03]', () => {
    expect(viaXff(['6.6.6.6', '192.0.2.1', '10.0.0.2'].join(', ')).address).toBe('192.0.2.1')
  })

  it('a chain of nothing but trusted hops began at its leftmost, inside [CIP-08]', () => {
    expect(viaXff('10.0.0.3, 10.0.0.2')).toMatchObject({ address: '10.0.0.3', internal: true })
    expect(read(behind('10.0.0.0/8'), from(PROXY))).toMatchObject({ address: PROXY, internal: true })
  })

  it.each([
    ['unknown'],
    ['_hidden'],
    [''],
    ['192.0.2.1,'],
    ['1.2.2.355'],
    ['010.0.0.1'],
    ['1.2.3'],
    ['1.2.3.4.5'],
    ['0x7f000001'],
    ['2130706433'],
    ['::1%eth0'],
    ['fe80::1%25eth0'],
    ['1.2.3.4:'],
    ['1.2.3.4:99999'],
    ['[::1'],
    ['::1]'],
    ['[1.2.3.4]'],
    ['[::1]80'],
    ['1::2::3'],
    ['::ffff:1.2.3.256'],
    ['::ffff:01.2.3.4'],
    ['192.0.2.1 192.0.2.2'],
    ['<script>'],
    ['192.0.2.1\u00a0'],
  ])('stops at %j: the last trusted hop, flagged [CIP-04]', (entry) => {
    const found = viaXff(`192.0.2.66, ${entry}, 10.0.0.2`)
    expect(found).toMatchObject({ address: '10.0.0.2', malformed: true, events: ['x-forwarded-for'] })
  })

  it.each([
    ['1.2.3.4:80', '1.2.3.4'],
    ['[2001:db8::1]:443', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['::1:80', '::1:80'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['\t 1.2.3.4 ', '1.2.3.4'],
    ['::1.2.3.4', '::102:304'],
    ['64:ff9b::1.2.3.4', '64:ff9b::102:304'],
  ])('reads %j as %s [CIP-05]', (entry, address) => {
    expect(viaXff(`6.6.6.6, ${entry}`)).toMatchObject({ address, malformed: false })
  })

  it.each([['::ffff:192.0.2.1'], ['::ffff:c000:201'], ['::FFFF:C000:0201'], ['0:0:0:0:0:ffff:192.0.2.1']])(
    'takes the IPv4-mapped %s for the IPv4 address [CIP-06]',
    (mapped) => {
      expect(viaXff(mapped).address).toBe('192.0.2.1')
      expect(read({}, from(mapped)).address).toBe('192.0.2.1')
      expect(read(behind('192.0.2.0/24'), from(mapped, xff('198.51.100.1'))).address).toBe('198.51.100.1')
    },
  )

  it('reads at most 32 hops: a longer chain ends at the last of them, flagged [CIP-09]', () => {
    const hops = (count: number) => Array.from({ length: count }, (_, at) => `10.0.1.${count - at}`).join(',')
    expect(viaXff(`192.0.2.1,${hops(31)}`)).toMatchObject({ address: '192.0.2.1', malformed: false })
    expect(viaXff(`192.0.2.1,${hops(32)}`)).toMatchObject({ address: '10.0.1.32', malformed: true })
    expect(viaXff(hops(100))).toMatchObject({ address: '10.0.1.32', malformed: true })
  })

  it('reads 2 KiB from the right: what a client puts in front changes nothing [CIP-09]', () => {
    const flood = '6.6.6.6,'.repeat(100_000)
    expect(viaXff(`${flood}192.0.2.1, 10.0.0.2`)).toMatchObject({ address: '192.0.2.1', malformed: false })
    expect(viaXff(`${'x'.repeat(1_000_000)}10.0.0.2`)).toMatchObject({ address: PROXY, malformed: true })
    expect(viaXff(`${'1'.repeat(3000)},10.0.0.2`)).toMatchObject({ address: '10.0.0.2', malformed: true })
  })
})

describe('Forwarded (RFC 7239)', () => {
  it.each([
    ['for=192.0.2.1', '192.0.2.1'],
    ['For="[2001:db8:cafe::17]:4711"', '2001:db8:cafe::17'],
    ['for=192.0.2.1;proto=https;by=203.0.113.43', '192.0.2.1'],
    ['proto=https; by="_x" ; FOR="192.0.2.1:80"', '192.0.2.1'],
    ['for="192.0.2.1:_port"', '192.0.2.1'],
    ['for=6.6.6.6, for=192.0.2.1, for=10.0.0.2', '192.0.2.1'],
    ['for="192.0.2\\.1"', '192.0.2.1'],
    ['for=6.6.6.6;by="a,b", for=192.0.2.1', '192.0.2.1'],
    ['for=192.0.2.1;', '192.0.2.1'],
    ['for=6.6.6.6, for=192.0.2.1;by="x\\",y"', '192.0.2.1'],
  ])('reads %j', (value, address) => {
    expect(viaForwarded(value)).toMatchObject({ address, malformed: false })
  })

  it.each([
    ['for=unknown'],
    ['for=_hidden'],
    ['for=2001:db8::1'],
    ['for="2001:db8::1"'],
    ['proto=https'],
    ['for=192.0.2.1;for=192.0.2.2'],
    ['for="192.0.2.1'],
    ['for'],
    ['for='],
    [''],
    ['for=192.0.2.1 for=192.0.2.2'],
  ])('stops at %j [CIP-04]', (value) => {
    expect(viaForwarded(value)).toMatchObject({ address: PROXY, malformed: true, events: ['forwarded'] })
  })

  it.each([['for="6.6.6.6'], ['for=6.6.6.6;by="'], ['"'], ['for="\\'], ['for=6.6.6.6;x="\\"']])(
    'a client that leaves %j open cannot swallow what the proxies add',
    (opening) => {
      expect(viaForwarded(`${opening}, for=192.0.2.1;proto=https, for="10.0.0.2:80"`).address).toBe(
        '192.0.2.1',
      )
      expect(viaForwarded(`${opening}, for="[2001:db8::1]:80";by="[::2]"`).address).toBe('2001:db8::1')
    },
  )
})

describe('Cloudflare', () => {
  const visit = { 'cf-connecting-ip': '192.0.2.1', 'x-forwarded-for': '6.6.6.6' }

  it('is believed from its own networks alone [S1-32, CIP-07]', () => {
    expect(read({ cloudflare: true }, from(EDGE, visit))).toMatchObject({
      address: '192.0.2.1',
      cloudflare: true,
    })
    expect(read({ cloudflare: true }, from('2606:4700::1', visit)).address).toBe('192.0.2.1')
    expect(read({ cloudflare: true }, from('203.0.113.9', visit))).toMatchObject({
      address: '203.0.113.9',
      cloudflare: false,
    })
    expect(read({}, from(EDGE, visit)).address).toBe(EDGE)
  })

  it('is believed through the app’s own proxies, when the chain ends in its networks [CIP-07]', () => {
    const options = { ...behind('10.0.0.0/8'), cloudflare: true }
    const through = (chain: string) => read(options, from(PROXY, { ...visit, ...xff(chain) })).address
    expect(through(`6.6.6.6, ${EDGE}, 10.0.0.2`)).toBe('192.0.2.1')
    expect(through(`${EDGE}, 203.0.113.9`)).toBe('203.0.113.9')
  })

  it.each([['192.0.2.1, 192.0.2.2'], ['192.0.2.1:80'], ['unknown'], ['']])(
    'a CF-Connecting-IP of %j is none: the edge, flagged [CIP-07]',
    (value) => {
      expect(read({ cloudflare: true }, from(EDGE, { 'cf-connecting-ip': value }))).toMatchObject({
        address: EDGE,
        malformed: true,
        events: ['cf-connecting-ip'],
      })
    },
  )

  it('ships dated networks, and takes others [CIP-07]', () => {
    expect(CLOUDFLARE_RANGES.asOf).toMatch(/^\d{4}-\d\d-\d\d$/)
    expect(CLOUDFLARE_RANGES.ranges).toHaveLength(22)
    const own = { cloudflare: ['192.0.2.0/24'] }
    expect(read(own, from('192.0.2.200', { 'cf-connecting-ip': '198.51.100.1' })).address).toBe(
      '198.51.100.1',
    )
    expect(read(own, from(EDGE, visit)).address).toBe(EDGE)
  })

  const about = {
    ...visit,
    'cf-ray': '7d1f0a2b3c4d5e6f-FRA',
    'cf-ipcountry': 'DE',
    'cf-visitor': '{"scheme":"https"}',
    'cf-bot-score': '87',
  }

  it('its metadata is read from its own networks alone, and only in its own form [S1-33]', () => {
    const address = clientAddress({ cloudflare: true })
    expect(cloudflareMetadata(address, from(EDGE, about))).toEqual({
      cf_ray: '7d1f0a2b3c4d5e6f-FRA',
      cf_country: 'DE',
      cf_visitor: '{"scheme":"https"}',
      cf_bot_score: '87',
    })
    expect(cloudflareMetadata(address, from('203.0.113.9', about))).toEqual({})
    const odd = { ...visit, 'cf-ray': 'a b', 'cf-ipcountry': 'Germany', 'cf-bot-score': 'x'.repeat(999) }
    expect(cloudflareMetadata(address, from(EDGE, odd))).toEqual({})
  })

  it('its metadata is kept with what else a new session has [S1-33]', async () => {
    const address = clientAddress({ cloudflare: true })
    const keep = keepCloudflareMetadata(address)
    expect(keep({ userId: 'alice', metadata: { plan: 'pro' } }, from(EDGE, about)).metadata).toEqual({
      plan: 'pro',
      cf_ray: '7d1f0a2b3c4d5e6f-FRA',
      cf_country: 'DE',
      cf_visitor: '{"scheme":"https"}',
      cf_bot_score: '87',
    })
    const { bff, browser } = world({ clientAddress: address, hooks: { onCreateSession: keep } })
    const alice = browser()
    const state = await alice.startSignIn()
    const callback = {
      ...alice.view('GET', `/bff/callback?code=c&state=${state}`, about),
      remoteAddress: EDGE,
    }
    await alice.send(callback)
    const { sessions } = await bff.sessions.list({ userId: 'alice', issuer: 'https://idp.example.com' })
    expect(sessions[0]).toMatchObject({ ipAddress: '192.0.2.1', metadata: { cf_country: 'DE' } })
  })
})

describe('peers without an address', () => {
  it('are unknown: a Unix socket, or a host that shows none [CIP-09]', () => {
    expect(read(behind('10.0.0.0/8'), from(undefined, xff('192.0.2.1')))).toMatchObject({ address: null })
    expect(read({}, from(undefined))).toMatchObject({ address: null, internal: false })
  })

  it('are a proxy where the configuration says so [CIP-09]', () => {
    const options = { ...behind('10.0.0.0/8'), dangerouslyTrustUnknownPeer: true }
    expect(read(options, from(undefined, xff('6.6.6.6, 192.0.2.1, 10.0.0.2'))).address).toBe('192.0.2.1')
    expect(read(options, from(undefined, xff('unknown')))).toMatchObject({ address: null, malformed: true })
    expect(read(options, from(undefined))).toMatchObject({ address: null, internal: false })
  })

  it('do not include a peer whose address is nothing known, nor one with an interface', () => {
    expect(
      read({ dangerouslyTrustUnknownPeer: true }, from('somewhere', xff('192.0.2.1'))).address,
    ).toBeNull()
    expect(read({}, from('fe80::1%eth0')).address).toBe('fe80::1')
  })
})

it('looks once at a request, and reports what is wrong with it once', () => {
  const events: BffEvent[] = []
  let reads = 0
  const onEvent = (event: BffEvent) => {
    events.push(event)
    throw new Error('a broken sink')
  }
  const address = clientAddress({ ...behind('10.0.0.0/8'), onEvent, clock: { ...systemClock, now: () => 7 } })
  const view = from(PROXY)
  const counted: RequestView = {
    ...view,
    header: () => {
      reads++
      return 'unknown'
    },
  }
  expect([address(counted), address(counted)]).toEqual([PROXY, PROXY])
  expect(events).toEqual([{ type: 'ip.malformed', header: 'x-forwarded-for', at: 7 }])
  expect(reads).toBe(1)
})
