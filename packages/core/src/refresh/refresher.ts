import type { SessionHandle, SessionRecord } from '../contracts/session.ts'
import { BffError, isBffError } from '../internal/bff-error.ts'
import { isAccessTokenExpired, isRefreshTokenExpired } from '../internal/lifetime.ts'
import { singleFlight } from '../internal/single-flight.ts'
import { subjectOf } from '../internal/subject.ts'
import { openSealedIdentity, openTokens } from '../session/seal.ts'
import { hasMovedOn } from '../session/token-times.ts'
import { answerFault, isAboutAnother } from './answer.ts'
import { askProvider, providerFailed } from './ask-provider.ts'
import type { RefresherDependencies } from './dependencies.ts'
import { createLeases } from './lease.ts'
import { refreshedPatch } from './refreshed-patch.ts'
import { revokeMismatched, revokeWithoutTokens } from './revoke.ts'
import { createRefreshPause, isRefreshDue, isRefreshTokenAging } from './schedule.ts'
import { createTokenWriter, rereader, usableAt } from './token-writer.ts'

/** Keeps access tokens fresh: one provider call per session at a time, across processes (RFT-02). */
export interface Refresher {
  /**
   * Refreshes the session. Returns the session with newer tokens than `record` has, also when another process got them;
   * `null` when the session has ended.
   *
   * @throws BffError `refresh_rejected` when the provider has just ended the session by rejecting its refresh token,
   * `token_expired` without a refresh token, `provider_unavailable`, `provider_misconfigured`, `refresh_busy`,
   * `store_unavailable`, `seal_broken`
   */
  refresh(record: SessionRecord): Promise<SessionRecord | null>
  /**
   * Returns the session with a usable access token: `record` itself, at no cost, until a refresh is due. It tolerates an
   * outage until the access token expires (RFT-06). Returns `null` when the session has ended.
   *
   * @throws BffError as {@link Refresher.refresh}, when the access token has expired
   */
  ensureFresh(record: SessionRecord): Promise<SessionRecord | null>
  /** Whether {@link Refresher.ensureFresh} would return `record` itself, because no refresh is due. */
  isFresh(record: SessionRecord): boolean
  /**
   * Keeps a session in use from expiring with its refresh token: it refreshes after half of the refresh token's lifetime.
   * Returns `record` itself, at no cost, before that and in an outage. Returns `null` when the session has ended.
   *
   * @throws BffError `refresh_rejected`, `seal_broken`
   */
  keepAlive(record: SessionRecord): SessionRecord | Promise<SessionRecord | null>
}

const REJECTED = 'refresh_rejected'
/** `Retry-After` of a failed refresh when the provider names none, in seconds. */
const RETRY_AFTER = 1
const FIRST_POLL_MS = 50
const MAX_POLL_MS = 250

/** Whether the fault says nothing about the session, so that a later attempt may succeed (RFT-08). */
const isOutage = (error: unknown): error is BffError => isBffError(error) && error.status === 503

function withRetryAfter(error: unknown): unknown {
  if (!isOutage(error) || error.retryAfter !== null) return error
  return new BffError(error.code, error.message, { cause: error, retryAfter: RETRY_AFTER })
}

export function createRefresher(dependencies: RefresherDependencies): Refresher {
  const { sessions, sessionRevocation, encryptor, clock, emit, options, underWay } = dependencies
  const flight = singleFlight<SessionHandle, SessionRecord | null>()
  const leases = createLeases(dependencies)
  const pause = createRefreshPause(clock)
  /** What a record's refresh failed with: one request reads one record, and must not wait for the provider twice. */
  const tolerated = new WeakMap<SessionRecord, BffError>()
  const reread = rereader(dependencies)
  /** As `reread`, for callers that wait for a refresh: all of them learn that the provider rejected it. */
  const outcome = async (handle: SessionHandle) => {
    const current = await sessions.get(handle)
    if (current?.revocation?.reasonCode === REJECTED) throw new BffError(REJECTED)
    return usableAt(current, clock.now())
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
      // A caller that waits for another process's refresh must not begin its own during a shutdown.
      if (underWay.isClosing) throw new BffError('shutting_down')
      const turn = await leases.hold(`refresh:${record.handle}`, options.leaseMs, () => refreshOnce(record))
      if (turn !== null) return turn.result
      if (clock.monotonic() >= deadline) throw new BffError('refresh_busy')
      await clock.sleep(poll * (0.5 + Math.random() / 2))
      const current = await outcome(record.handle)
      if (current === null || hasMovedOn(current, record)) return current
    }
  }

  async function refreshOnce(record: SessionRecord): Promise<SessionRecord | null> {
    const current = await outcome(record.handle)
    if (current === null || hasMovedOn(current, record)) return current
    const tokens = await openTokens(encryptor, current)
    if (!tokens?.refreshToken) throw new BffError('token_expired')
    const { refreshToken, dpopKeyPair } = tokens
    const { issuer, provider } = current
    const identity = await openSealedIdentity(encryptor, current)
    const request = {
      refreshToken,
      dpopKeyPair,
      issuer,
      provider,
      subject: subjectOf(current),
      scope: identity.scope,
    }
    const ask = (signal: AbortSignal) => dependencies.provider.refresh({ ...request, signal })
    const answer = await askProvider(ask, refreshToken, options.leaseMs, dependencies)
    if (answer === null) return endRejected(current)
    if (isAboutAnother(answer.claims, current)) return revokeMismatched(dependencies, current, answer, tokens)
    const fault = answerFault(answer, tokens, identity)
    if (fault !== null) throw providerFailed(emit, 'provider_misconfigured', new Error(fault))
    return write(current, answer, tokens, {
      patchOf: () => refreshedPatch(dependencies, current, answer, tokens, identity),
      onWritten(written) {
        emit({ type: 'session.refreshed', handle: current.handle, userId: current.userId })
        dependencies.onRefreshed?.(written)
      },
    })
  }

  /** A rejected refresh token ends the session, unless a sibling had used it up and stored newer ones (RFT-07). */
  async function endRejected(before: SessionRecord): Promise<SessionRecord | null> {
    const current = await outcome(before.handle)
    if (current === null || hasMovedOn(current, before)) return current
    // A token for another API replaced the refresh token meanwhile: the newer one is to be tried.
    if (String(current.refreshTokenEncrypted) !== String(before.refreshTokenEncrypted))
      throw new BffError('refresh_busy')
    const { handle, userId } = before
    if (!(await revokeWithoutTokens(sessionRevocation, before, REJECTED, 'provider'))) return null
    emit({ type: 'refresh.terminal', handle, userId, code: REJECTED })
    throw new BffError(REJECTED)
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

  function isFresh(record: SessionRecord): boolean {
    const now = clock.now()
    return !(
      isRefreshTokenExpired(record, now) ||
      isRefreshDue(record, options.thresholdMs, now) ||
      isRefreshTokenAging(record, now)
    )
  }

  async function refreshAging(record: SessionRecord): Promise<SessionRecord | null> {
    const fresh = await tryRefresh(record, record.refreshTokenExpiresAt)
    if (!isBffError(fresh)) return fresh
    tolerated.set(record, fresh)
    return record
  }

  return {
    async refresh(record) {
      try {
        return await refresh(record)
      } catch (error) {
        throw withRetryAfter(error)
      }
    },
    isFresh,
    async ensureFresh(record) {
      if (isFresh(record)) return record
      const now = clock.now()
      if (isRefreshTokenExpired(record, now)) return null
      const isLive = !isAccessTokenExpired(record, now)
      if (isLive && (record.refreshTokenEncrypted === null || pause.holds(record))) return record
      if (record.refreshTokenEncrypted === null) throw new BffError('token_expired')
      const failure = tolerated.get(record)
      if (failure !== undefined) throw withRetryAfter(failure)
      const fresh = await tryRefresh(record, record.accessTokenExpiresAt)
      return isBffError(fresh) ? record : fresh
    },
    keepAlive: (record) =>
      isRefreshTokenAging(record, clock.now()) && !pause.holds(record) ? refreshAging(record) : record,
  }
}
