import type { TokenSet } from '../contracts/identity-provider.ts'
import type { SessionHandle, SessionPatch, SessionRecord, SessionTokens } from '../contracts/session.ts'
import { BffError } from '../internal/bff-error.ts'
import { isRefreshTokenExpired } from '../internal/lifetime.ts'
import { hasMovedOn } from '../session/token-times.ts'
import type { RefresherDependencies } from './dependencies.ts'

/** Returns the session if it has not ended at `now`; otherwise `null`. */
export const usableAt = (current: SessionRecord | null, now: number) =>
  current?.revocation === null && !isRefreshTokenExpired(current, now) ? current : null

/** Returns the session as it is now; `null` when it has ended. */
export const rereader =
  ({ sessions, clock }: Pick<RefresherDependencies, 'sessions' | 'clock'>) =>
  async (handle: SessionHandle): Promise<SessionRecord | null> =>
    usableAt(await sessions.get(handle), clock.now())

const FIRST_RETRY_MS = 50
const MAX_RETRY_MS = 1000

/** How an answer is stored. */
export interface TokenWrite {
  /** Makes the change of the record, once. */
  patchOf(): Promise<SessionPatch>
  /** Called when this process has stored it. @default nothing */
  onWritten?(record: SessionRecord): void
}

/** Stores the tokens of an answer, if the session has not ended and its tokens were not replaced in the meantime. */
export type TokenWriter =
  /**
   * Returns the session as stored, by this process or by a faster one; `null` when it has ended.
   *
   * @throws BffError `store_unavailable` when the store did not answer for the length of a lease (RFT-11)
   */
  (
    base: SessionRecord,
    answer: Pick<TokenSet, 'refreshToken'>,
    tokens: SessionTokens,
    how: TokenWrite,
  ) => Promise<SessionRecord | null>

export function createTokenWriter(
  { sessions, tokenRevocation, clock, emit, options }: RefresherDependencies,
  reread: (handle: SessionHandle) => Promise<SessionRecord | null>,
): TokenWriter {
  return async function write(base, answer, tokens, how): Promise<SessionRecord | null> {
    const { handle, userId } = base
    let patch: SessionPatch | undefined
    const deadline = clock.monotonic() + options.leaseMs
    let version = base.version
    for (let pause = FIRST_RETRY_MS; ; pause = Math.min(pause * 2, MAX_RETRY_MS)) {
      let cause: unknown
      try {
        patch ??= await how.patchOf()
        const written = await sessions.update(handle, patch, version)
        if (written !== null) {
          how.onWritten?.(written)
          return written
        }
        const current = await reread(handle)
        if (current === null) {
          emit({ type: 'refresh.discarded', handle, userId, reason: 'session_ended' })
          tokenRevocation.revoke(base, { ...tokens, refreshToken: answer.refreshToken })
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
        tokenRevocation.revoke(base, { ...tokens, refreshToken: answer.refreshToken })
        throw new BffError('store_unavailable', undefined, { cause })
      }
      await clock.sleep(pause)
    }
  }
}
