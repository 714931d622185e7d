import type { PluginContext } from '../contracts/plugin.ts'
import type { Reply } from '../contracts/reply.ts'
import type { RequestView } from '../contracts/request-view.ts'
import type { SessionRecord } from '../contracts/session.ts'
import { BffError } from '../internal/bff-error.ts'
import { pathOf } from '../internal/http/path-of.ts'
import {
  aboutRequest,
  activeRecord,
  DEADLINE_MS,
  inTime,
  proofIn,
  provenReply,
  refusedProof,
  type Settings,
} from './binding.ts'
import { type Challenge, openChallenge } from './challenge.ts'
import { isSameKey, parseDeviceKey, serializeDeviceKey } from './device-key.ts'
import { BINDING_MS } from './offer.ts'
import { isFor, isSignedBy, type PublicKey, readProof, readPublicKey } from './proof.ts'

/** Concurrent writers of a new session are few: past this many lost races something else is wrong. */
const ATTEMPTS = 5

/**
 * `POST /bff/device/register`: binds a session to the key of the browser that got its cookie. A session is bound once; a
 * repeated request of the same browser, whose answer was lost, gets the same answer.
 */
export function registerEndpoint(context: PluginContext, settings: Settings) {
  const { stores, encryptor, csrf, clock, emit } = context

  async function openProof(request: RequestView): Promise<{ challenge: Challenge; jwk: PublicKey }> {
    const proof = readProof(proofIn(request) ?? '')
    const jwk = readPublicKey(proof?.jwk)
    const challenge =
      proof && (await openChallenge(encryptor, 'register', proof.challenge, clock.now(), BINDING_MS))
    const isGood =
      proof !== null &&
      jwk !== null &&
      isFor(proof, `${context.originOf(request)}${pathOf(request.target)}`) &&
      (await isSignedBy(proof, jwk))
    if (isGood && challenge !== null) return { challenge, jwk }
    emit({
      type: 'device.refused',
      reason: challenge === null ? 'challenge' : 'proof',
      ...aboutRequest(context, request),
    })
    throw refusedProof()
  }

  function checkSameKey(record: SessionRecord, bound: string, jwk: PublicKey, request: RequestView): void {
    const known = parseDeviceKey(bound)
    if (known !== null && isSameKey(known.jwk, jwk)) return
    const { handle, userId } = record
    emit({
      type: 'device.theft',
      reason: 'second_registration',
      severity: 'warning',
      handle,
      userId,
      ...aboutRequest(context, request),
    })
    throw refusedProof()
  }

  /** A browser that got an error gives the binding up: a session that stays bound would refuse each of its requests. */
  async function takeBack(written: SessionRecord): Promise<unknown> {
    const { handle, deviceKey } = written
    let record: SessionRecord | null = written
    try {
      for (let attempt = 0; attempt < ATTEMPTS && record?.deviceKey === deviceKey; attempt++) {
        const patch = { deviceKey: null, updatedAt: clock.now() }
        if ((await stores.sessions.update(handle, patch, record.version)) !== null) break
        record = await stores.sessions.get(handle)
      }
      return new BffError('device_busy')
    } catch (cause) {
      return cause
    }
  }

  async function bind(request: RequestView): Promise<Reply> {
    const deadline = clock.monotonic() + DEADLINE_MS
    const { challenge, jwk } = await openProof(request)
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const record = await activeRecord(context, request, challenge.handle)
      const { handle, userId, version, deviceKey } = record
      if (deviceKey !== null) checkSameKey(record, deviceKey, jwk, request)
      // Before the write, as a failure after it would leave a session bound to a browser that does not know.
      const reply = await provenReply(context, settings, request, handle)
      if (deviceKey !== null) return reply
      if (clock.monotonic() >= deadline) break
      const now = clock.now()
      const patch = { deviceKey: serializeDeviceKey({ at: now, jwk }), updatedAt: now }
      const written = await stores.sessions.update(handle, patch, version)
      if (written === null) continue
      if (clock.monotonic() >= deadline) {
        emit({ type: 'store.unavailable', operation: 'bind', cause: await takeBack(written) })
        break
      }
      emit({ type: 'device.bound', handle, userId })
      return reply
    }
    throw new BffError('device_busy')
  }

  return async (request: RequestView): Promise<Reply> => {
    csrf.require(request, pathOf(request.target), 'form')
    return inTime(context, () => bind(request))
  }
}
