import type { Clock } from '../contracts/clock.ts'
import type { BffErrorCode } from '../contracts/error-codes.ts'
import type { Emit } from '../contracts/events.ts'
import type { TokenSet } from '../contracts/identity-provider.ts'
import { BffError, isBffError } from '../internal/bff-error.ts'
import { within } from '../internal/within.ts'

interface AskDependencies {
  readonly clock: Clock
  readonly emit: Emit
}

/**
 * Returns the provider's response to `ask`, which sends `refreshToken`, within `limitMs`; `null` when the provider rejected
 * the refresh token finally.
 *
 * Every other failure is an outage (RFT-08). It does not wait for a provider that ignores the signal: a later response is
 * lost.
 *
 * @throws BffError `provider_unavailable`, `provider_misconfigured`
 */
export async function askProvider(
  ask: (signal: AbortSignal) => Promise<TokenSet>,
  refreshToken: string,
  limitMs: number,
  { clock, emit }: AskDependencies,
): Promise<TokenSet | null> {
  const limit = new AbortController()
  const late = () => {
    const timeout = new BffError('provider_unavailable')
    limit.abort(timeout)
    throw timeout
  }
  try {
    const answer = await within(clock, limitMs, async () => ask(limit.signal), late)
    // The same refresh token again is not a new one: nothing to put in its place, nothing to revoke.
    return answer.refreshToken === refreshToken ? { ...answer, refreshToken: null } : answer
  } catch (error) {
    if (isBffError(error, 'refresh_rejected')) return null
    const code = isBffError(error, 'provider_misconfigured') ? error.code : 'provider_unavailable'
    throw providerFailed(emit, code, error)
  }
}

/** Reports a provider's failure to the operator and converts it into a `BffError`. */
export function providerFailed(emit: AskDependencies['emit'], code: BffErrorCode, cause: unknown): BffError {
  emit({ type: 'provider.failed', operation: 'refresh', code, cause })
  return isBffError(cause, code) ? cause : new BffError(code, undefined, { cause })
}
