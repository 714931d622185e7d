import type { PluginContext } from '@bff/core'
import { randomToken, sha256Base64url } from '@bff/core/authoring'
import { isObject } from '../answer.ts'
import type { Receive } from './receiver.ts'
import { SetRefusal } from './set.ts'
import type { KnownStream } from './stream.ts'
import { misconfigured, type Transmitter } from './transmitter.ts'

/** Of one response. */
const MAX_EVENTS = 50

/** What the transmitter learns with the next poll. */
interface Answers {
  readonly ack: string[]
  readonly setErrs: Record<string, { readonly err: string; readonly description: string }>
}

export interface Poller {
  /**
   * Polls until the signal aborts, or until the transmitter does not know the stream any more. Of several processes one
   * polls; another one takes over when it is gone.
   *
   * @throws BffError when a poll fails: nothing that was not acknowledged is lost
   */
  poll(stream: KnownStream, signal: AbortSignal): Promise<void>
}

/** Fetches security event tokens (RFC 8936): short polls, one after the other while there are more. */
export function createPoller(
  { stores, clock }: Pick<PluginContext, 'stores' | 'clock'>,
  transmitter: Transmitter,
  receive: Receive,
  intervalMs: number,
): Poller {
  const { issuer, clientId, timeoutMs } = transmitter.settings
  const owner = randomToken()
  // Longer than a poll takes: the holder extends it with each round.
  const leaseMs = 3 * intervalMs + 2 * timeoutMs
  const lease = sha256Base64url(JSON.stringify([issuer, clientId])).then((name) => `signal-poll:${name}`)

  async function hasLease(): Promise<boolean> {
    const key = await lease
    return (await stores.ttl.extend(key, owner, leaseMs)) || stores.ttl.setIfAbsent(key, owner, leaseMs)
  }

  async function take(jti: string, jwt: unknown, answers: Answers): Promise<void> {
    try {
      if (typeof jwt !== 'string') throw new SetRefusal('invalid_request', 'The token is not a text.')
      await receive(jwt)
      answers.ack.push(jti)
    } catch (error) {
      if (error instanceof SetRefusal) answers.setErrs[jti] = { err: error.code, description: error.message }
      // Neither: the transmitter offers it again.
    }
  }

  /** Returns whether there are more, and what to answer; `null` when the stream does not exist any more. */
  async function round(url: string, answers: Answers, signal?: AbortSignal) {
    const { status, body } = await transmitter.request(
      'POST',
      url,
      { maxEvents: signal === undefined ? 0 : MAX_EVENTS, returnImmediately: true, ...answers },
      signal,
    )
    if (status === 404 || status === 410) return null
    if (status !== 200 || !isObject(body) || !isObject(body['sets'] ?? {}))
      throw misconfigured(`The transmitter did not answer a poll as expected (${status}).`)
    const next: Answers = { ack: [], setErrs: {} }
    for (const [jti, jwt] of Object.entries(body['sets'] ?? {})) await take(jti, jwt, next)
    return { next, hasMore: body['moreAvailable'] === true }
  }

  return {
    async poll({ pollUrl }, signal) {
      if (pollUrl === null) return
      let answers: Answers = { ack: [], setErrs: {} }
      const isAnswering = () => answers.ack.length > 0 || Object.keys(answers.setErrs).length > 0
      try {
        while (!signal.aborted) {
          if (await hasLease()) {
            const result = await round(pollUrl, answers, signal)
            if (result === null) return
            answers = result.next
            // What was taken is answered at once: the transmitter keeps it until then.
            if (result.hasMore || isAnswering()) continue
          }
          await clock.sleep(intervalMs, signal, true)
        }
      } finally {
        if (signal.aborted) {
          if (isAnswering()) await round(pollUrl, answers).catch(() => null)
          await stores.ttl.compareAndDelete(await lease, owner).catch(() => false)
        }
      }
    },
  }
}
