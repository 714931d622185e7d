import { BffError } from '../errors.ts'
import type { TokenSet } from '../provider/identity-provider.ts'
import type { SealedIdentity } from '../session/claims.ts'
import type { SessionHandle, SessionPatch, SessionRecord, SessionTokens } from '../session/model.ts'
import { sealIdentity, sealTokens } from '../session/seal.ts'
import { mergeAnswer } from './answer.ts'
import type { RefresherDependencies } from './dependencies.ts'
import { hasMovedOn, refreshedTimes } from './token-times.ts'

const FIRST_RETRY_MS = 50
const MAX_RETRY_MS = 1000

/** Stores what a refresh brought, as long as nobody ended the session or replaced its tokens meanwhile. */
export type TokenWriter =
  /**
   * The session as stored, by us or by whoever was faster; `null` when it has ended.
   *
   * @throws BffError `store_unavailable` when the store did not answer for the length of a lease (RFT-11)
   */
  (
    base: SessionRecord,
    answer: TokenSet,
    tokens: SessionTokens,
    identity: SealedIdentity,
  ) => Promise<SessionRecord | null>

export function createTokenWriter(
  { sessions, revocation, encryptor, clock, emit, options, onRefreshed }: RefresherDependencies,
  reread: (handle: SessionHandle) => Promise<SessionRecord | null>,
): TokenWriter {
  async function patchOf(
    base: SessionRecord,
    answer: TokenSet,
    before: SessionTokens,
    beforeIdentity: SealedIdentity,
  ): Promise<SessionPatch> {
    const now = clock.now()
    const { tokens, identity } = mergeAnswer(answer, before, beforeIdentity)
    return {
      // All of them, also the unchanged: so none stays sealed with an old key (CRY-06).
      ...(await sealTokens(encryptor, base.handle, tokens)),
      claimsEncrypted: await sealIdentity(encryptor, base.handle, identity),
      ...refreshedTimes(answer, base, options.defaultTokenLifeMs, now),
      updatedAt: now,
    }
  }

  return async function write(
    base: SessionRecord,
    answer: TokenSet,
    tokens: SessionTokens,
    identity: SealedIdentity,
  ): Promise<SessionRecord | null> {
    const { handle, userId } = base
    let patch: SessionPatch | undefined
    const deadline = clock.monotonic() + options.leaseMs
    let version = base.version
    for (let pause = FIRST_RETRY_MS; ; pause = Math.min(pause * 2, MAX_RETRY_MS)) {
      let cause: unknown
      try {
        patch ??= await patchOf(base, answer, tokens, identity)
        const written = await sessions.update(handle, patch, version)
        if (written !== null) {
          emit({ type: 'session.refreshed', handle, userId })
          onRefreshed?.(written)
          return written
        }
        const current = await reread(handle)
        if (current === null) {
          emit({ type: 'refresh.discarded', handle, userId, reason: 'session_ended' })
          revocation.revoke(base, { ...tokens, refreshToken: answer.refreshToken })
          return null
        }
        if (hasMovedOn(current, base)) {
          // Ours stay unrevoked: many providers answer a revoked refresh token by ending its whole grant, and
          // with it the tokens that were stored instead.
          emit({ type: 'refresh.discarded', handle, userId, reason: 'superseded' })
          return current
        }
        // A rotation or another write moved only the version: the tokens go on top of it.
        version = current.version
      } catch (error) {
        cause = error
      }
      // The provider may have replaced the refresh token already: these are then the session's only tokens.
      if (clock.monotonic() + pause > deadline) {
        emit({ type: 'refresh.discarded', handle, userId, reason: 'store_failed' })
        revocation.revoke(base, { ...tokens, refreshToken: answer.refreshToken })
        throw new BffError('store_unavailable', undefined, { cause })
      }
      await clock.sleep(pause)
    }
  }
}
