import { manualClock } from '@bff/test-support/clock'
import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../store-memory/src/index.ts'
import { createAttachment } from '../src/authoring/index.ts'
import { clientAddress } from '../src/client-address/index.ts'
import {
  type BffEvent,
  createEncryptor,
  createParts,
  type Encryptor,
  generateEncryptionKey,
} from '../src/index.ts'
import { origins } from '../src/origins/index.ts'
import { providers } from '../src/providers/index.ts'
import { apiProxy } from '../src/proxy/index.ts'
import { memoryRateLimiter, rateLimit } from '../src/rate-limit/index.ts'
import {
  withCleanup,
  withCreationRate,
  withPartition,
  withPseudonyms,
  withRecordLimit,
} from '../src/store/index.ts'
import { request, ScriptedProvider, world } from './world.ts'

const MINUTE = 60_000

function recorded() {
  const events: BffEvent[] = []
  return { events, emit: (event: object) => void events.push(event as BffEvent) }
}

describe('createAttachment', () => {
  it('reads the clock and emits to the sink of the BFF that it is attached to [AT-01]', () => {
    const { clock, emit, attach } = createAttachment()
    const { events, emit: sink } = recorded()
    const given = manualClock()
    emit({ type: 'session.unknown' })
    attach({ clock: given, emit: sink })
    given.jump(5_000)
    expect([clock.now(), clock.monotonic()]).toEqual([given.now(), given.monotonic()])
    emit({ type: 'cookie.duplicate' })
    expect(events).toEqual([{ type: 'cookie.duplicate' }])
  })

  it('keeps a clock and a sink of its own, and stamps its events with that clock [AT-02]', () => {
    const own = manualClock()
    const events: BffEvent[] = []
    const { clock, emit, attach } = createAttachment({ clock: own, onEvent: (event) => events.push(event) })
    const bff = recorded()
    attach({ clock: manualClock(0), emit: bff.emit })
    emit({ type: 'cookie.duplicate' })
    expect(clock.now()).toBe(own.now())
    expect(events).toEqual([{ type: 'cookie.duplicate', at: own.now() }])
    expect(bff.events).toEqual([])
  })

  it('keeps the clock and the sink of the first BFF of several that share the part [AT-03]', () => {
    const { clock, emit, attach } = createAttachment()
    const [first, second] = [recorded(), recorded()]
    const given = manualClock()
    attach({ clock: given, emit: first.emit })
    attach({ clock: manualClock(0), emit: second.emit })
    emit({ type: 'cookie.duplicate' })
    expect(clock.now()).toBe(given.now())
    expect([first.events.length, second.events.length]).toEqual([1, 0])
  })

  it('keeps the system clock once the part has read the time, but not for a wait [AT-04]', async () => {
    const read = createAttachment()
    const before = read.clock.monotonic()
    read.attach({ clock: manualClock(0), emit: () => {} })
    expect(read.clock.monotonic() - before).toBeLessThan(MINUTE)
    expect(read.clock.monotonic()).toBeGreaterThanOrEqual(before)

    const waited = createAttachment()
    const stop = new AbortController()
    const sleep = waited.clock.sleep(MINUTE, stop.signal).catch(() => 'stopped')
    const given = manualClock()
    waited.attach({ clock: given, emit: () => {} })
    stop.abort()
    expect(await sleep).toBe('stopped')
    expect(waited.clock.now()).toBe(given.now())
  })
})

describe('A BFF with one clock and one sink', () => {
  it('gives its clock to the TTL store, through every wrapper [AT-01, AT-05]', async () => {
    const bare = memoryStore()
    const key = generateEncryptionKey()
    const store = withPseudonyms(
      withRecordLimit(withCreationRate(withCleanup(withPartition(bare, 'shop')), { max: 1 }), {
        maxBytes: 4_096,
      }),
      { key },
    )
    const { clock } = world({ store })
    await store.ttl.set('key', 'value', MINUTE)
    expect(await store.ttl.get('key')).toBe('value')
    clock.jump(MINUTE)
    expect(await store.ttl.get('key')).toBe(null)
  })

  it('gets the events of the wrappers of its store [AT-01, AT-05]', async () => {
    const limited = withRecordLimit(withCreationRate(memoryStore(), { max: 1 }), { maxBytes: 4_096 })
    const store = withCleanup(withPseudonyms(limited, { key: generateEncryptionKey() }))
    const { bff, clock, events } = world({ store })
    const types = () => events.map(({ type }) => type)
    await bff.sessions.create({ userId: 'alice' })
    await bff.sessions.create({ userId: 'alice' })
    expect(types()).toContain('session.surge')
    const metadata = { text: 'x'.repeat(8_000) }
    await expect(bff.sessions.create({ userId: 'alice', metadata })).rejects.toThrow(/may have at most/)
    expect(types()).toContain('session.refused')
    await clock.advance(10 * MINUTE)
    expect(events.find(({ type }) => type === 'cleanup.done')?.at).toBeGreaterThan(Date.UTC(2029, 11, 31))
    await bff.close()
  })

  it('gives its sink to an encryptor of the app [AT-01]', async () => {
    const encryptor = createEncryptor({ keys: [generateEncryptionKey()] })
    const { clock, events } = partsWith({ encryptor })
    const context = { recordId: 'one', field: 'accessToken' }
    await expect(encryptor.decrypt(new Uint8Array(80), context)).rejects.toThrow()
    expect(events).toContainEqual(expect.objectContaining({ type: 'crypto.decrypt_failed', at: clock.now() }))
  })

  it('gives its sink to the reader of client addresses, and its clock to limiters [AT-01]', async () => {
    const limiter = memoryRateLimiter()
    const { bff, clock, events } = world({
      clientAddress: clientAddress({ trustedProxies: ['10.0.0.0/8'] }),
      plugins: [rateLimit({ requestsPerMinute: 1, burst: 1, limiter })],
    })
    const from = () => ({
      ...request('GET', '/bff/session', { 'x-forwarded-for': 'nobody' }),
      remoteAddress: '10.0.0.1',
    })
    expect((await bff.handle(from()))?.status).not.toBe(429)
    expect((await bff.handle(from()))?.status).toBe(429)
    expect(events).toContainEqual({ type: 'ip.malformed', header: 'x-forwarded-for', at: clock.now() })
    clock.jump(MINUTE)
    expect((await bff.handle(from()))?.status).not.toBe(429)
  })

  it('gives its clock to loaded origins and providers, and to the providers that they load [AT-01, AT-05]', async () => {
    const attached: string[] = []
    const loads: string[] = []
    class Watched extends ScriptedProvider {
      attach() {
        attached.push('provider')
      }
    }
    const { bff, clock } = world({
      origin: origins({
        main: 'https://app.example.com',
        load: (host) => {
          loads.push(host)
          return `https://${host}`
        },
        ttlMs: MINUTE,
      }),
      provider: providers({ load: () => new Watched(), default: 'one' }),
    })
    const visit = () => bff.handle(request('GET', '/bff/login', { host: 'shop.example.com' }))
    await visit()
    await visit()
    expect(loads).toEqual(['shop.example.com'])
    expect(attached).toEqual(['provider'])
    clock.jump(MINUTE)
    await visit()
    expect(loads).toHaveLength(2)

    attached.length = 0
    world({ provider: providers({ one: new Watched() }) })
    expect(attached).toEqual(['provider'])
  })

  it('gives its clock to the token sources of the proxy [AT-01]', () => {
    const given: unknown[] = []
    const source = Object.assign(async () => ({ accessToken: 'token', dpopKeyPair: null }), {
      attach: ({ clock }: { clock: unknown }) => given.push(clock),
    })
    const routes = [
      { path: '/a', target: 'https://a.internal', token: 'client', clientToken: source },
      { path: '/b', target: 'https://b.internal', userToken: source },
    ] as const
    const { clock } = world({ proxy: apiProxy({ routes }) })
    expect(given).toEqual([clock, clock])
  })
})

/** A BFF without a provider, and no more than `config` names. */
function partsWith({ encryptor }: { readonly encryptor: Encryptor }) {
  const clock = manualClock()
  const events: BffEvent[] = []
  const onEvent = (event: BffEvent) => events.push(event)
  createParts({ origin: 'https://app.example.com', store: memoryStore(), encryptor, clock, onEvent })
  return { clock, events }
}
