import type { TokenSet } from '../contracts/identity-provider.ts'
import type { AccessTokens, SessionHandle, SessionRecord, TokenTarget } from '../contracts/session.ts'
import { BffError, isBffError } from '../internal/bff-error.ts'
import { subjectOf } from '../internal/subject.ts'
import { type FetchedToken, tokenKeeper } from '../internal/token-keeper.ts'
import { openSealedIdentity, openTokens, sealRefreshToken } from '../session/seal.ts'
import { earlierOf, refreshTokenEnd } from '../session/token-times.ts'
import { isAboutAnother, keyFault } from './answer.ts'
import { askProvider, providerFailed } from './ask-provider.ts'
import type { RefresherDependencies } from './dependencies.ts'
import { createLeases } from './lease.ts'
import { revokeMismatched } from './revoke.ts'
import { createTokenWriter, rereader } from './token-writer.ts'

/** How many tokens are kept in memory, of all sessions and APIs. */
const MAX_TOKENS = 10_000
const POLL_MS = 50

/**
 * Returns an access token of a session for another API; `rejected` is one that the API has refused, or `null`.
 *
 * @throws BffError as {@link Session.tokensFor}
 */
export type ApiTokens = (
  record: SessionRecord,
  target: TokenTarget,
  rejected: string | null,
) => Promise<AccessTokens>

/**
 * Access tokens for further APIs. A provider may replace the refresh token with each of them, so they are requested under the
 * session's refresh lease, and the new refresh token is in the store before the access token is returned: a refresh that
 * follows finds it, in every process (RFT-02, RFT-04).
 */
export function createApiTokens(dependencies: RefresherDependencies): ApiTokens {
  const { encryptor, clock, emit, options, underWay, provider } = dependencies
  const leases = createLeases(dependencies)
  const keep = tokenKeeper(clock, MAX_TOKENS)
  const reread = rereader(dependencies)
  const write = createTokenWriter(dependencies, reread)
  /** The last request of each session in this process: the next one follows it at once, without waiting for the lease. */
  const queues = new Map<SessionHandle, Promise<unknown>>()

  function queued<Result>(handle: SessionHandle, work: () => Promise<Result>): Promise<Result> {
    const turn = (queues.get(handle) ?? Promise.resolve()).then(work, work)
    queues.set(handle, turn)
    const leave = () => {
      if (queues.get(handle) === turn) queues.delete(handle)
    }
    turn.then(leave, leave)
    return turn
  }

  async function takeTurn(handle: SessionHandle, target: TokenTarget): Promise<FetchedToken> {
    const deadline = clock.monotonic() + options.waitMs
    for (;;) {
      if (underWay.isClosing) throw new BffError('shutting_down')
      const turn = await leases.hold(`refresh:${handle}`, options.leaseMs, () => request(handle, target))
      if (turn !== null) return turn.result
      if (clock.monotonic() >= deadline) throw new BffError('refresh_busy')
      await clock.sleep(POLL_MS * (0.5 + Math.random()))
    }
  }

  async function request(handle: SessionHandle, target: TokenTarget): Promise<FetchedToken> {
    const current = await reread(handle)
    if (current === null) throw new BffError('session_expired')
    const tokens = await openTokens(encryptor, current)
    if (!tokens?.refreshToken) throw new BffError('token_expired')
    const { refreshToken, dpopKeyPair } = tokens
    const { issuer, provider: name } = current
    const { scope, signInEndsAt = null } = await openSealedIdentity(encryptor, current)
    const asked = {
      refreshToken,
      dpopKeyPair,
      issuer,
      provider: name,
      subject: subjectOf(current),
      scope,
      target,
    }
    const ask = (signal: AbortSignal) =>
      provider.apiToken({ ...asked, signal }).catch((error: unknown) => {
        throw isBffError(error, 'token_expired')
          ? new BffError('refresh_rejected', undefined, { cause: error })
          : error
      })
    const answer = await askProvider(ask, refreshToken, options.leaseMs, dependencies)
    // The session's own refresh decides whether the session ends: a provider may refuse one API to this user.
    if (answer === null) throw new BffError('token_expired')
    if (isAboutAnother(answer.claims, current)) {
      await revokeMismatched(dependencies, current, answer, tokens)
      throw new BffError('session_expired')
    }
    const fault = keyFault(answer, tokens)
    if (fault !== null) throw providerFailed(emit, 'provider_misconfigured', new Error(fault))
    if (
      answer.refreshToken !== null &&
      (await write(current, answer, tokens, rotation(current, answer, signInEndsAt))) === null
    )
      throw new BffError('session_expired')
    return { tokens: { accessToken: answer.accessToken, dpopKeyPair }, expiresIn: answer.expiresIn }
  }

  /** Only the refresh token of the session changes: its access token, claims and times stay. */
  const rotation = ({ handle }: SessionRecord, answer: TokenSet, signInEndsAt: number | null) => ({
    patchOf: async () => ({
      ...(await sealRefreshToken(encryptor, handle, answer.refreshToken)),
      refreshTokenExpiresAt: earlierOf(refreshTokenEnd(answer, clock.now()), signInEndsAt),
      updatedAt: clock.now(),
    }),
  })

  return async ({ handle }, target, rejected) => {
    const { resource = '', audience = '', scope = '' } = target
    if (resource + audience + scope === '')
      throw new BffError('invalid_argument', 'tokensFor needs a resource, an audience or a scope.')
    const key = JSON.stringify([handle, resource, audience, scope])
    return keep(key, rejected, () => underWay.run(() => queued(handle, () => takeTurn(handle, target))))
  }
}
