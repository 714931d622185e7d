import type { PluginContext } from '../contracts/plugin.ts'
import type { Reply } from '../contracts/reply.ts'
import type { RequestView } from '../contracts/request-view.ts'
import type { SessionHandle } from '../contracts/session.ts'
import { BffError } from '../internal/bff-error.ts'
import { pathOf } from '../internal/http/path-of.ts'
import { errorReply } from '../internal/http/replies.ts'
import { isSessionHandle } from '../internal/session-handle.ts'
import {
  aboutRequest,
  activeRecord,
  challengeHeader,
  inTime,
  proofIn,
  provenReply,
  refusedProof,
  type Settings,
} from './binding.ts'
import { openChallenge } from './challenge.ts'
import { parseDeviceKey } from './device-key.ts'
import { isFor, isSignedBy, type Proof, readProof } from './proof.ts'

/**
 * `POST /bff/device/refresh/<handle>`: gives a bound cookie for a proof, and a challenge to everyone else. It reads the
 * session once, and writes only that a challenge is used.
 *
 * Browsers end the binding for any status of 400 but 403 with a challenge, also for 429; 503 is an outage to them.
 */
export function refreshEndpoint(context: PluginContext, settings: Settings) {
  const { stores, encryptor, requests, csrf, clock, emit } = context
  // A challenge that was sent ahead is used at the next refresh, which comes when people come back.
  const challengeLifeMs = 2 * settings.proofLifeMs

  const askForProof = async (handle: SessionHandle): Promise<Reply> =>
    errorReply(
      new BffError('csrf_violation', 'Sign the challenge and send it in Secure-Session-Response.'),
      [],
      [await challengeHeader(context, settings, handle)],
    )

  async function isProven(request: RequestView, proof: Proof, handle: SessionHandle): Promise<boolean> {
    const record = await activeRecord(context, request, handle)
    const known = record.deviceKey === null ? null : parseDeviceKey(record.deviceKey)
    return (
      known !== null &&
      isFor(proof, `${context.originOf(request)}${pathOf(request.target)}`) &&
      (await isSignedBy(proof, known.jwk))
    )
  }

  /** Only with the session's secret it is a theft: everyone may know its handle. */
  async function reportOtherKey(request: RequestView, handle: SessionHandle): Promise<void> {
    const found = await requests.load(request)
    const about = aboutRequest(context, request)
    if ('session' in found && found.session.handle === handle)
      emit({
        type: 'device.theft',
        reason: 'other_key',
        severity: 'warning',
        handle,
        userId: found.session.userId,
        ...about,
      })
    else emit({ type: 'device.refused', reason: 'proof', ...about })
  }

  async function refresh(request: RequestView, handle: SessionHandle): Promise<Reply> {
    const sent = proofIn(request)
    if (sent === null) return askForProof(handle)
    const proof = readProof(sent)
    if (proof === null) throw refusedProof()
    const challenge = await openChallenge(encryptor, 'refresh', proof.challenge, clock.now(), challengeLifeMs)
    if (challenge?.handle !== handle) return askForProof(handle)
    if (!(await isProven(request, proof, handle))) {
      await reportOtherKey(request, handle)
      throw refusedProof()
    }
    // Longer than any clock counts the challenge as recent.
    const isFirst = await stores.ttl.setIfAbsent(`device:${challenge.nonce}`, '1', 2 * challengeLifeMs)
    return isFirst ? provenReply(context, settings, request, handle) : askForProof(handle)
  }

  return async (request: RequestView): Promise<Reply> => {
    const path = pathOf(request.target)
    csrf.require(request, path, 'form')
    const handle = path.slice(path.lastIndexOf('/') + 1)
    if (!isSessionHandle(handle)) throw new BffError('not_found')
    return inTime(context, () => refresh(request, handle))
  }
}
