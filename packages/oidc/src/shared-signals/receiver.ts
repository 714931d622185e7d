import type { PluginContext, SessionFilter } from '@bff/core'
import { forLog, sha256Base64url } from '@bff/core/authoring'
import { refreshSessions, revokeSessions } from './effects.ts'
import { MAX_AGE_MS, SetRefusal, type VerifiedSet, verifySet } from './set.ts'
import { describeSignal, type Signal, type SignalEffect, STREAM_UPDATED, VERIFICATION } from './signals.ts'
import { filtersOf, type SubjectIdentifier } from './subject.ts'
import type { Transmitter } from './transmitter.ts'

/** The functions of the app that a receiver asks. */
export interface ReceiverHooks {
  /**
   * Returns the sessions of a subject, as filters: for subjects that only the app knows, such as an e-mail address. `null`:
   * it has none. `undefined`: the default, which knows `iss_sub` and `complex` with `user` or `session`.
   */
  readonly findSessions?: (
    subject: SubjectIdentifier,
  ) => readonly SessionFilter[] | null | undefined | Promise<readonly SessionFilter[] | null | undefined>
  /**
   * Called for each signal, before its effect. Returns another effect, or `undefined` for the default. After a throw the
   * transmitter sends the signal again.
   */
  readonly onSignal?: (signal: Signal) => SignalEffect | undefined | Promise<SignalEffect | undefined>
}

/** The hooks, and the providers whose users and sessions the transmitter may speak of. */
export interface ReceiverOptions {
  readonly findSessions: ReceiverHooks['findSessions'] | undefined
  readonly onSignal: ReceiverHooks['onSignal'] | undefined
  readonly subjectIssuers: readonly string[]
}

/** Takes a security event token: verifies it and does what it asks for, once. */
export type Receive = (jwt: string) => Promise<void>

const STATUSES = ['enabled', 'paused', 'disabled'] as const

/** How long the answer to a verification may take. */
export const STATE_LIFE_MS = 600_000
export const stateKey = async (state: string) => `signal-state:${await sha256Base64url(state)}`

/** Returns the sessions that a subject names, as the app or the default knows them; `null` when nobody knows it. */
export async function resolveSubject(
  subject: SubjectIdentifier,
  { findSessions, subjectIssuers }: Pick<ReceiverOptions, 'findSessions' | 'subjectIssuers'>,
): Promise<readonly SessionFilter[] | null> {
  const own = await findSessions?.(subject)
  const filters = own === undefined ? filtersOf(subject, subjectIssuers) : (own ?? [])
  return filters.length === 0 ? null : filters
}

/**
 * @throws SetRefusal when the token is not valid; BffError of any code when it is, and its effect could not be stored: the
 * transmitter must send it again
 */
export function createReceiver(
  context: PluginContext,
  transmitter: Transmitter,
  options: ReceiverOptions,
): Receive {
  const { stores, clock, emit } = context
  const { keys, settings } = transmitter
  const { issuer, clockToleranceMs } = settings

  async function receive(jwt: string): Promise<void> {
    const set = await verifySet(keys, settings, jwt)
    const replayKey = `signal-jti:${await sha256Base64url(JSON.stringify([issuer, set.jti]))}`
    // It is answered as it was the first time (RFC 8935 §2), and does nothing.
    if ((await stores.ttl.get(replayKey)) !== null) return
    for (const one of set.events) await act(set, one)
    // Recorded last, so that a signal that broke off can be sent again.
    const lifeMs = set.issuedAt + MAX_AGE_MS + clockToleranceMs - clock.now()
    await stores.ttl.setIfAbsent(replayKey, '1', Math.max(1_000, lifeMs))
  }

  async function act(set: VerifiedSet, { uri, event, subject }: VerifiedSet['events'][number]) {
    if (uri === VERIFICATION) return verified(event['state'])
    if (uri === STREAM_UPDATED) return updated(event)
    const { issuedAt } = set
    const signal: Signal = { ...describeSignal(uri, event), subject, event, issuer, issuedAt }
    const effect = (await options.onSignal?.(signal)) ?? signal.effect
    const filters = effect === 'none' || subject === null ? null : await resolveSubject(subject, options)
    const sessions = filters === null ? 0 : await affect(effect, filters, issuedAt)
    emit({ type: 'signal.received', issuer, signal: forLog(signal.type), effect, sessions })
  }

  function affect(
    effect: SignalEffect,
    filters: readonly SessionFilter[],
    issuedAt: number,
  ): Promise<number> {
    if (effect === 'refresh') return refreshSessions(context, filters)
    const by = { reasonCode: 'shared_signal', actorType: 'provider', actorId: issuer }
    return revokeSessions(context, filters, issuedAt + clockToleranceMs, by)
  }

  /** A state answers a request of this receiver; without one the transmitter asks by itself. */
  async function verified(state: unknown): Promise<void> {
    const isKnown =
      state === undefined ||
      (typeof state === 'string' && (await stores.ttl.get(await stateKey(state))) !== null)
    if (!isKnown) throw new SetRefusal('invalid_state', 'The receiver did not ask for this state.')
    emit({ type: 'signal.stream', issuer, status: 'verified', reason: null })
  }

  function updated({ status, reason }: Readonly<Record<string, unknown>>): void {
    const known = STATUSES.find((one) => one === status)
    if (known === undefined) throw new SetRefusal('invalid_request', 'The stream has no such status.')
    const said = typeof reason === 'string' ? forLog(reason) : null
    emit({ type: 'signal.stream', issuer, status: known, reason: said })
  }

  return async (jwt) => {
    try {
      await receive(jwt)
    } catch (error) {
      if (error instanceof SetRefusal) {
        const reason = String(error.cause ?? error.message)
        emit({ type: 'signal.refused', issuer, code: error.code, reason, severity: 'warning' })
      } else emit({ type: 'signal.failed', issuer, operation: 'receive', cause: error, severity: 'warning' })
      throw error
    }
  }
}
