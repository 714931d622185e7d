import { BffError, type BffErrorCode, isBffError } from '../errors.ts'
import type { RefreshRequest, TokenSet } from '../provider/identity-provider.ts'
import type { RefresherDependencies } from './dependencies.ts'

type AskDependencies = Pick<RefresherDependencies, 'provider' | 'clock' | 'emit'>

/**
 * The provider's answer to a refresh within `limitMs`; `null` when it rejected the refresh token for good.
 *
 * Whatever else goes wrong is an outage, until the provider says otherwise (RFT-08). One that does not heed the
 * signal is not waited for: what it answers later is lost.
 *
 * @throws BffError `provider_unavailable`, `provider_misconfigured`
 */
export async function askProvider(
  request: RefreshRequest,
  limitMs: number,
  { provider, clock, emit }: AskDependencies,
): Promise<TokenSet | null> {
  const limit = new AbortController()
  const done = new AbortController()
  const tooLate = clock.sleep(limitMs, done.signal).then(() => {
    const timeout = new BffError('provider_unavailable')
    limit.abort(timeout)
    throw timeout
  })
  const call = async () => provider.refresh({ ...request, signal: limit.signal })
  try {
    const answer = await Promise.race([call(), tooLate])
    // The same refresh token again is not a new one: nothing to put in its place, nothing to revoke.
    return answer.refreshToken === request.refreshToken ? { ...answer, refreshToken: null } : answer
  } catch (error) {
    if (isBffError(error, 'refresh_rejected')) return null
    const code = isBffError(error, 'provider_misconfigured') ? error.code : 'provider_unavailable'
    throw providerFailed(emit, code, error)
  } finally {
    done.abort()
  }
}

/** Tells the operator of a provider's failure and makes it an error of ours. */
export function providerFailed(emit: AskDependencies['emit'], code: BffErrorCode, cause: unknown): BffError {
  emit({ type: 'provider.failed', operation: 'refresh', code, cause })
  return isBffError(cause, code) ? cause : new BffError(code, undefined, { cause })
}
