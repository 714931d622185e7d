import { generateKeyPair } from 'jose'
import { describe, expect, test } from 'vitest'
import { SIGNAL_TYPES, urisOf } from '../../src/shared-signals/signals.ts'
import {
  ACCESS_TOKEN,
  alice,
  CAEP,
  type Delivery,
  inTime,
  receiver,
  SSF,
  transmitter,
} from './transmitter.ts'

/** A receiver with a stream that it has made and verified. */
async function verifiedStream(delivery: Delivery, options: Parameters<typeof receiver>[1] = {}) {
  const from = await transmitter()
  const { clock } = from
  const to = receiver(from, { delivery, accessToken: ACCESS_TOKEN, ...options })
  await inTime(clock, () => from.verifications.length > 0)
  const [asked] = from.verifications
  if (asked === undefined) throw new Error('It asked for no verification.')
  expect(await to.deliver(await from.verification(asked))).toBe('accepted')
  expect(to.typesOf('signal.stream').at(-1)).toMatchObject({ status: 'verified' })
  return { from, ...to }
}

describe.each(['push', 'poll'] as const)('The receiver modules of the OpenID suite, by %s', (delivery) => {
  test('openid-ssf-receiver-stream-create-delete: it creates a stream, and deletes it', async () => {
    const { from, signals, bff } = await verifiedStream(delivery)
    const [created] = from.requestsTo('POST /streams')
    expect(created?.authorization).toBe(`Bearer ${ACCESS_TOKEN}`)
    expect(from.streams.size).toBe(1)
    await signals.stream.remove()
    expect(from.streams.size).toBe(0)
    await from.clock.advance(120_000)
    expect(from.streams.size).toBe(0)
    await bff.close()
  })

  test('openid-ssf-receiver-happypath: it creates, updates, reads, verifies and deletes a stream', async () => {
    const before = await verifiedStream(delivery, { events: ['session-revoked'] })
    await before.bff.close()
    const { from } = before
    const after = receiver(from, { delivery, accessToken: ACCESS_TOKEN, events: ['account-disabled'] })
    await inTime(from.clock, () => from.verifications.length === 2)
    expect(from.requestsTo('PATCH /streams')).toHaveLength(1)
    expect([...from.streams.values()].map((stream) => stream['events_requested'])).toEqual([
      urisOf(['account-disabled']),
    ])
    await after.signals.stream.setStatus('paused', 'Maintenance')
    expect(await after.signals.stream.status()).toBe('paused')
    await after.signals.stream.setStatus('enabled')
    await after.signals.stream.remove()
    expect(from.streams.size).toBe(0)
    await after.bff.close()
  })

  test('openid-ssf-receiver-stream-status-update: it reads and changes the status of its stream', async () => {
    const { from, signals, bff } = await verifiedStream(delivery)
    for (const status of ['paused', 'disabled', 'enabled'] as const) {
      await signals.stream.setStatus(status, 'A test')
      expect(await signals.stream.status()).toBe(status)
    }
    expect(from.requestsTo('POST /status')[0]?.body).toEqual({
      stream_id: 'stream-1',
      status: 'paused',
      reason: 'A test',
    })
    await bff.close()
  })

  test('openid-ssf-receiver-stream-verification: it asks with a state, and knows it again', async () => {
    const { from, signals, deliver, bff } = await verifiedStream(delivery)
    await signals.stream.verify()
    const [first, second] = from.verifications
    expect(String(second?.state)).toMatch(/^[\w-]{43}$/)
    expect(second?.state).not.toBe(first?.state)
    expect(await deliver(await from.verification({ streamId: 'stream-1', state: second?.state }))).toBe(
      'accepted',
    )
    expect(await deliver(await from.verification({ streamId: 'stream-1', state: 'guessed' }))).toBe(
      '400 invalid_state',
    )
    await from.clock.advance(600_001)
    expect(await deliver(await from.verification({ streamId: 'stream-1', state: second?.state }))).toBe(
      '400 invalid_state',
    )
    await bff.close()
  })

  test('openid-ssf-receiver-unsolicited-stream-verification: it takes one that it did not ask for', async () => {
    const { from, deliver, bff } = await verifiedStream(delivery)
    expect(await deliver(await from.verification({ streamId: 'stream-1' }))).toBe('accepted')
    await bff.close()
  })

  test('openid-ssf-receiver-stream-supported-events: it accepts every type, and one that nobody knows', async () => {
    const { from, deliver, typesOf, bff } = await verifiedStream(delivery)
    const uris = [...urisOf(SIGNAL_TYPES), 'https://example.com/an-event-of-tomorrow']
    for (const uri of uris)
      expect(await deliver(await from.event(uri, { reason_admin: { en: 'A test' } }))).toBe('accepted')
    expect(typesOf('signal.received')).toHaveLength(uris.length)
    await bff.close()
  })

  test('openid-ssf-receiver-stream-caep-interop: session-revoked and credential-change, by every format', async () => {
    const email = { format: 'email', email: 'alice@example.com' }
    const { from, deliver, session, isActive, bff } = await verifiedStream(delivery, {
      findSessions: ({ format, email }) =>
        format === 'email' && email === 'alice@example.com' ? [{ userId: 'alice' }] : undefined,
    })
    for (const type of ['session-revoked', 'credential-change'])
      for (const sub_id of [alice, email, { format: 'complex', user: alice }]) {
        const one = await session()
        const other = await session('bob')
        const event = { event_timestamp: from.seconds(), change_type: 'update', credential_type: 'password' }
        expect(await deliver(await from.event(CAEP + type, event, { sub_id }))).toBe('accepted')
        expect([await isActive(one), await isActive(other)]).toEqual([false, true])
      }
    await bff.close()
  })

  test('openid-ssf-receiver-invalid-set-rejection: it names the fault, and ends nothing', async () => {
    const { from, deliver, session, isActive, typesOf, bff } = await verifiedStream(delivery)
    const one = await session()
    const { privateKey } = await generateKeyPair('ES256')
    const good = await from.set()
    const [head, body, signature = ''] = good.split('.')
    const corrupted = [
      head,
      body,
      signature.startsWith('A') ? `B${signature.slice(1)}` : `A${signature.slice(1)}`,
    ]
    const answers = [
      await deliver(corrupted.join('.')),
      await deliver(await from.set({ iss: 'https://other.example.com' })),
      await deliver(await from.set({ aud: 'https://other.example.com' })),
      await deliver(await from.set({}, { kid: 'unknown' }, privateKey)),
    ]
    expect(answers).toEqual([
      '400 invalid_key',
      '400 invalid_issuer',
      '400 invalid_audience',
      '400 invalid_key',
    ])
    expect(await isActive(one)).toBe(true)
    expect(typesOf('signal.refused')).toHaveLength(4)
    await bff.close()
  })

  test('openid-ssf-receiver-redelivered-set: it accepts the same token again, and does nothing twice', async () => {
    const { from, deliver, session, isActive, typesOf, bff } = await verifiedStream(delivery)
    await session()
    const token = await from.set()
    expect(await deliver(token)).toBe('accepted')
    const later = await session()
    expect(await deliver(token)).toBe('accepted')
    expect(await isActive(later)).toBe(true)
    expect(typesOf('signal.received')).toHaveLength(1)
    await bff.close()
  })

  test('openid-ssf-receiver-transmitter-initiated-status-change: it takes news of its stream', async () => {
    const { from, deliver, session, isActive, typesOf, bff } = await verifiedStream(delivery)
    const one = await session()
    const news = (status: string) =>
      from.event(
        `${SSF}stream-updated`,
        { status, reason: 'Maintenance' },
        { sub_id: { format: 'opaque', id: 'stream-1' } },
      )
    expect(await deliver(await news('paused'))).toBe('accepted')
    expect(await deliver(await news('enabled'))).toBe('accepted')
    expect(await deliver(await from.set())).toBe('accepted')
    expect(typesOf('signal.stream').slice(-2)).toMatchObject([
      { status: 'paused', reason: 'Maintenance' },
      { status: 'enabled' },
    ])
    expect(await isActive(one)).toBe(false)
    expect(await deliver(await news('gone'))).toBe('400 invalid_request')
    await bff.close()
  })

  test('openid-ssf-receiver-stream-issuer-mismatch: it does not use a stream of another issuer', async () => {
    const from = await transmitter()
    from.lies.iss = 'https://other.example.com'
    const { typesOf, bff } = receiver(from, { delivery, accessToken: ACCESS_TOKEN })
    await inTime(from.clock, () => typesOf('signal.failed').length > 0)
    await from.clock.advance(120_000)
    expect(from.requestsTo('POST /streams')).toHaveLength(1)
    for (const use of ['POST /verify', 'POST /poll', 'GET /status', 'PATCH /streams'])
      expect(from.requestsTo(use)).toEqual([])
    await bff.close()
  })
})
