import { BffError, isBffError } from '../errors.ts'
import type { TokenSet } from '../provider/identity-provider.ts'
import { isAccessTokenExpired, isRefreshTokenExpired } from '../session/lifetime.ts'
import type { SessionHandle, SessionRecord, SessionTokens } from '../session/model.ts'
import { openSealedIdentity, openTokens } from '../session/seal.ts'
import { answerFault, isAboutAnother } from './answer.ts'
import { askProvider, providerFailed } from './ask.ts'
import type { RefresherDependencies } from './dependencies.ts'
import { createLeases } from './lease.ts'
import { createRefreshPause, isRefreshDue, isRefreshTokenAging } from './schedule.ts'
import { singleFlight } from './single-flight.ts'
import { hasMovedOn } from './token-times.ts'
import { createTokenWriter } from './token-writer.ts'

/** Keeps access tokens fresh: one provider call per session at a time, across processes (RFT-02). */
export interface Refresher {
  /**
   * Exchanges the refresh token of the session. Resolves to the session with newer tokens than `record` has,
   * also when somebody else got them meanwhile; `null` when the session has ended.
   *
   * @throws BffError `refresh_rejected` when the provider has just ended the session by rejecting its refresh token,
   * `token_expired` without a refresh token, `provider_unavailable`, `provider_misconfigured`,
   * `refresh_busy`, `store_unavailable`, `seal_broken`
   */
  refresh(record: SessionRecord): Promise<SessionRecord | null>
  /**
   * The session with a usable access token: `record` itself, at no cost, until a refresh is due. An outage is
   * tolerated while the access token lives (RFT-06, S1-46). `null` when the session has ended.
   *
   * @throws BffError as {@link Refresher.refresh}, once the access token has expired
   */
  ensureFresh(record: SessionRecord): Promise<SessionRecord | null>
  /**
   * Keeps a session that is in use from ending with its refresh token, which is renewed once half of its life has
   * passed. `record` itself, at no cost, until then, and in an outage. `null` when the session has ended.
   *
   * @throws BffError `refresh_rejected`, `seal_broken`
   */
  keepAlive(record: SessionRecord): Promise<SessionRecord | null>
}

const REJECTED = 'refresh_rejected'
/** What a failed refresh suggests in `Retry-After` when the provider names nothing, in seconds. */
const RETRY_AFTER = 1
const FIRST_POLL_MS = 50
const MAX_POLL_MS = 250

/** Whether the fault says nothing about the session, so that waiting may mend it (RFT-08). */
const isOutage = (error: unknown): error is BffError => isBffError(error) && error.status === 503

function withRetryAfter(error: unknown): unknown {
  if (!isOutage(error) || error.retryAfter !== null) return error
  return new BffError(error.code, error.message, { cause: error, retryAfter: RETRY_AFTER })
}

export function createRefresher(dependencies: RefresherDependencies): Refresher {
  const { sessions, ending, encryptor, clock, emit, options, underWay } = dependencies
  const flight = singleFlight<SessionHandle, SessionRecord | null>()
  const leases = createLeases(dependencies)
  const pause = createRefreshPause(clock)
  /** What a record's refresh failed with: one request reads one record, and must not wait for the provider twice. */
  const tolerated = new WeakMap<SessionRecord, BffError>()
  const living = (current: SessionRecord | null) =>
    current?.revocation === null && !isRefreshTokenExpired(current, clock.now()) ? current : null
  /** The session as it is now; `null` when it has ended. */
  const reread = async (handle: SessionHandle) => living(await sessions.get(handle))
  /** As `reread`, for whoever waits for a refresh: all of them learn that the provider rejected it. */
  const outcome = async (handle: SessionHandle) => {
    const current = await sessions.get(handle)
    if (current?.revocation?.reasonCode === REJECTED) throw new BffError(REJECTED)
    return living(current)
  }
  const write = createTokenWriter(dependencies, reread)

  async function refresh(record: SessionRecord): Promise<SessionRecord | null> {
    const start = () =>
      flight(record.handle, () => underWay.run(() => takeTurn(record).catch(report(record))))
    const fresh = await start()
    // A flight that had begun before `record` was written brings no newer tokens: then it is our own turn.
    return fresh === null || hasMovedOn(fresh, record) ? fresh : start()
  }

  const report =
    ({ handle, userId }: SessionRecord) =>
    (error: unknown): never => {
      if (!isOutage(error)) throw error
      emit({ type: 'refresh.transient', handle, userId, code: error.code })
      throw error
    }

  /** Never calls the provider without the lease; a waiter looks for the other one's result instead (RFT-04). */
  async function takeTurn(record: SessionRecord): Promise<SessionRecord | null> {
    const deadline = clock.monotonic() + options.waitMs
    for (let poll = FIRST_POLL_MS; ; poll = Math.min(poll * 2, MAX_POLL_MS)) {
      // Who waits for another process's refresh must not begin one of its own on the way out.
      if (underWay.isClosing) throw new BffError('shutting_down')
      const turn = await leases.hold(`refresh:${record.handle}`, options.leaseMs, () => renew(record))
      if (turn !== null) return turn.result
      if (clock.monotonic() >= deadline) throw new BffError('refresh_busy')
      await clock.sleep(poll * (0.5 + Math.random() / 2))
      const current = await outcome(record.handle)
      if (current === null || hasMovedOn(current, record)) return current
    }
  }

  async function renew(record: SessionRecord): Promise<SessionRecord | null> {
    const current = await outcome(record.handle)
    if (current === null || hasMovedOn(current, record)) return current
    const tokens = await openTokens(encryptor, current)
    if (!tokens?.refreshToken) throw new BffError('token_expired')
    const { refreshToken, dpopKeyPair } = tokens
    const identity = await openSealedIdentity(encryptor, current)
    const answer = await askProvider(
      { refreshToken, dpopKeyPair, issuer: current.issuer, subject: current.userId, scope: identity.scope },
      options.leaseMs,
      dependencies,
    )
    if (answer === null) return endRejected(current)
    if (isAboutAnother(answer.claims, current)) return endMismatched(current, answer, tokens)
    const fault = answerFault(answer, tokens, identity)
    if (fault !== null) throw providerFailed(emit, 'provider_misconfigured', new Error(fault))
    return write(current, answer, tokens, identity)
  }

  /** A rejected refresh token ends the session, unless a sibling had used it up and stored newer ones (RFT-07). */
  async function endRejected(before: SessionRecord): Promise<SessionRecord | null> {
    const current = await outcome(before.handle)
    if (current === null || hasMovedOn(current, before)) return current
    const { handle, userId } = before
    if (!(await end(before, REJECTED, 'provider'))) return null
    emit({ type: 'refresh.terminal', handle, userId, code: REJECTED })
    throw new BffError(REJECTED)
  }

  /** Tokens of somebody else under this cookie: whatever the cause, nobody may go on with it (RFT-14). */
  async function endMismatched(
    before: SessionRecord,
    answer: TokenSet,
    tokens: SessionTokens,
  ): Promise<null> {
    const { handle, userId } = before
    emit({ type: 'refresh.subject_mismatch', handle, userId })
    await end(before, 'subject_mismatch', 'system')
    dependencies.revocation.revoke(before, { ...tokens, refreshToken: answer.refreshToken })
    return null
  }

  /** `false` when somebody had ended it already. The session's refresh token has been used up. */
  async function end({ handle }: SessionRecord, reasonCode: string, actorType: string): Promise<boolean> {
    const ended = await ending.end(handle, { reasonCode, actorType, actorId: null }, { revokeTokens: false })
    return ended?.outcome === 'revoked'
  }

  /** A refresh whose outage is tolerated until `end`: then it is the answer. */
  async function tryRefresh(
    record: SessionRecord,
    end: number | null,
  ): Promise<SessionRecord | BffError | null> {
    try {
      return await refresh(record)
    } catch (error) {
      const now = clock.now()
      if (!isOutage(error) || (end !== null && now > end)) throw withRetryAfter(error)
      pause.begin(record, end, error.retryAfter)
      return error
    }
  }

  return {
    async refresh(record) {
      try {
        return await refresh(record)
      } catch (error) {
        throw withRetryAfter(error)
      }
    },
    async ensureFresh(record) {
      const now = clock.now()
      if (isRefreshTokenExpired(record, now)) return null
      if (!isRefreshDue(record, options.thresholdMs, now) && !isRefreshTokenAging(record, now)) return record
      const isLive = !isAccessTokenExpired(record, now)
      if (isLive && (record.refreshTokenEncrypted === null || pause.holds(record))) return record
      if (record.refreshTokenEncrypted === null) throw new BffError('token_expired')
      const failure = tolerated.get(record)
      if (failure !== undefined) throw withRetryAfter(failure)
      const fresh = await tryRefresh(record, record.accessTokenExpiresAt)
      return isBffError(fresh) ? record : fresh
    },
    async keepAlive(record) {
      const now = clock.now()
      if (!isRefreshTokenAging(record, now) || pause.holds(record)) return record
      const fresh = await tryRefresh(record, record.refreshTokenExpiresAt)
      if (!isBffError(fresh)) return fresh
      tolerated.set(record, fresh)
      return record
    },
  }
}
