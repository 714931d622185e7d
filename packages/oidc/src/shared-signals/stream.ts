import { BffError, type PluginContext } from '@bff/core'
import { randomToken, sha256Base64url } from '@bff/core/authoring'
import { isObject } from '../answer.ts'
import { STATE_LIFE_MS, stateKey } from './receiver.ts'
import { misconfigured, type Transmitter, type TransmitterAnswer } from './transmitter.ts'

export const PUSH = 'urn:ietf:rfc:8935'
export const POLL = 'urn:ietf:rfc:8936'

/** The status of a stream (OpenID SSF 1.0 §8.1.2). */
export type StreamStatus = 'enabled' | 'paused' | 'disabled'

/** The stream at the transmitter, for operators. Each method sends a request. */
export interface SignalStream {
  /**
   * Asks the transmitter for a verification event. The event `signal.stream` with `verified` says that it arrived.
   *
   * @throws BffError `provider_unavailable`, `provider_misconfigured`
   */
  verify(): Promise<void>
  /** @throws BffError as {@link SignalStream.verify} */
  status(): Promise<StreamStatus>
  /**
   * Pauses the stream: the transmitter keeps events. Or disables it: the transmitter drops them. Or enables it again.
   *
   * @throws BffError as {@link SignalStream.verify}
   */
  setStatus(status: StreamStatus, reason?: string): Promise<void>
  /**
   * Deletes the stream at the transmitter: no event arrives any more until the next start.
   *
   * @throws BffError as {@link SignalStream.verify}
   */
  remove(): Promise<void>
}

/** What the receiver asks the stream to be. */
export interface WantedStream {
  readonly method: typeof PUSH | typeof POLL
  /** The address and the header for pushes; `null` for polls. */
  readonly push: { readonly endpoint_url: string; readonly authorization_header: string } | null
  /** URIs. */
  readonly events: readonly string[]
}

/** A stream as the transmitter describes it, as far as it was checked. */
export interface KnownStream {
  readonly id: string
  /** Where to poll; `null` when the transmitter pushes. */
  readonly pollUrl: string | null
}

export interface StreamSetup extends SignalStream {
  /**
   * Finds the stream, or creates it, or asks for events that it misses. Returns `null` while another process does so.
   *
   * @throws BffError `provider_unavailable`, `provider_misconfigured`, `store_unavailable`
   */
  ensure(): Promise<KnownStream | null>
}

/** Longer than creating a stream takes, also at a slow transmitter. */
const LEASE_MS = 60_000

type Json = Readonly<Record<string, unknown>>

export function createStreamSetup(
  { stores, emit }: Pick<PluginContext, 'stores' | 'emit'>,
  transmitter: Transmitter,
  wanted: WantedStream,
): StreamSetup {
  const { issuer, clientId: audience } = transmitter.settings
  const delivery = { method: wanted.method, ...wanted.push }

  async function find(): Promise<Json | null> {
    const answer = await transmitter.request('GET', await transmitter.endpoint('configuration_endpoint'))
    if (answer.status === 404) return null
    expect(answer, [200], 'read its streams')
    return [answer.body].flat().filter(isObject).find(isOurs) ?? null
  }

  const isOurs = (stream: Json) =>
    isObject(stream['delivery']) &&
    stream['delivery']['method'] === wanted.method &&
    (wanted.push === null || stream['delivery']['endpoint_url'] === wanted.push.endpoint_url)

  function isComplete({ events_requested: events, delivery: current }: Json): boolean {
    const header = isObject(current) ? current['authorization_header'] : undefined
    const hasEvents = !Array.isArray(events) || wanted.events.every((uri) => events.includes(uri))
    return hasEvents && (header === undefined || header === wanted.push?.authorization_header)
  }

  /** OpenID SSF 1.0 §8.1.1.1: a stream of another issuer is not to be used. */
  function known(stream: Json): KnownStream {
    const { stream_id: id, iss, aud, delivery: current } = stream
    if (typeof id !== 'string' || id === '')
      throw misconfigured('The transmitter answered with a stream without an id.')
    if (iss !== issuer)
      throw misconfigured('The transmitter answered with a stream of another issuer. It is not used.')
    if (![aud].flat().includes(audience))
      throw misconfigured(
        'The stream has another audience than sharedSignals() expects. Set audience to the aud of the stream.',
      )
    const url = isObject(current) ? current['endpoint_url'] : undefined
    if (wanted.push !== null) return { id, pollUrl: null }
    if (typeof url !== 'string') throw misconfigured('The transmitter names no address to poll.')
    return { id, pollUrl: url }
  }

  async function make(): Promise<KnownStream> {
    const url = await transmitter.endpoint('configuration_endpoint')
    const found = await find()
    if (found !== null && isComplete(found)) return known(found)
    const events_requested = wanted.events
    // The transmitter names the address to poll, and an update would take it away.
    const change = { events_requested, ...(wanted.push && { delivery }) }
    const answer =
      found === null
        ? await transmitter.request('POST', url, { delivery, events_requested })
        : await transmitter.request('PATCH', url, { stream_id: known(found).id, ...change })
    expect(answer, [200, 201, 202], found === null ? 'create a stream' : 'update the stream')
    const stream = known(isObject(answer.body) ? { ...found, ...answer.body } : (found ?? {}))
    emit({ type: 'signal.stream', issuer, status: 'created', reason: null })
    await verify(stream)
    return stream
  }

  async function verify({ id }: KnownStream): Promise<void> {
    const state = randomToken()
    await stores.ttl.set(await stateKey(state), '1', STATE_LIFE_MS)
    const url = await transmitter.endpoint('verification_endpoint')
    const answer = await transmitter.request('POST', url, { stream_id: id, state })
    expect(answer, [200, 202, 204], 'verify the stream')
  }

  async function current(): Promise<KnownStream> {
    const found = await find()
    if (found === null) throw misconfigured('The transmitter has no stream of this receiver.')
    return known(found)
  }

  return {
    async ensure() {
      const found = await find()
      if (found !== null && isComplete(found)) return known(found)
      const lease = `signal-stream:${await sha256Base64url(JSON.stringify([issuer, audience]))}`
      const owner = randomToken()
      if (!(await stores.ttl.setIfAbsent(lease, owner, LEASE_MS))) return null
      try {
        return await make()
      } finally {
        await stores.ttl.compareAndDelete(lease, owner)
      }
    },
    verify: async () => verify(await current()),
    async status() {
      const { id } = await current()
      const url = new URL(await transmitter.endpoint('status_endpoint'))
      url.searchParams.set('stream_id', id)
      const answer = await transmitter.request('GET', url.href)
      expect(answer, [200], 'read the status of the stream')
      const status = isObject(answer.body) ? answer.body['status'] : undefined
      if (status === 'enabled' || status === 'paused' || status === 'disabled') return status
      throw misconfigured('The transmitter answered with a status that does not exist.')
    },
    async setStatus(status, reason) {
      const { id } = await current()
      const url = await transmitter.endpoint('status_endpoint')
      const body = { stream_id: id, status, ...(reason !== undefined && { reason }) }
      expect(await transmitter.request('POST', url, body), [200, 202, 204], 'change the status of the stream')
    },
    async remove() {
      const { id } = await current()
      const url = new URL(await transmitter.endpoint('configuration_endpoint'))
      url.searchParams.set('stream_id', id)
      expect(await transmitter.request('DELETE', url.href), [200, 204, 404], 'delete the stream')
      emit({ type: 'signal.stream', issuer, status: 'deleted', reason: null })
    },
  }
}

function expect({ status }: TransmitterAnswer, expected: readonly number[], what: string): void {
  if (expected.includes(status)) return
  throw new BffError(
    'provider_misconfigured',
    `The transmitter refused to ${what} (${status}). Its operator must check how this receiver is registered there.`,
  )
}
