import type { BffErrorCode } from '../contracts/error-codes.ts'
import type { PluginContext } from '../contracts/plugin.ts'
import { isBffError } from '../internal/bff-error.ts'
import { forLog } from '../internal/for-log.ts'

const PROVIDER_FAILURES: ReadonlySet<BffErrorCode> = new Set([
  'provider_unavailable',
  'provider_misconfigured',
])

export type SignInOperation = 'authorize' | 'exchange'

/**
 * Reports a failed sign-in with its cause: as `login.failed`, and as `provider.failed` or `store.unavailable` when the
 * provider or the store failed.
 */
export function reportFailedSignIn(
  emit: PluginContext['emit'],
  operation: SignInOperation,
  error: unknown,
): BffErrorCode {
  const code = isBffError(error) ? error.code : 'internal_error'
  const cause = isBffError(error) && error.cause !== undefined ? error.cause : error
  if (PROVIDER_FAILURES.has(code)) emit({ type: 'provider.failed', operation, code, cause })
  if (code === 'store_unavailable') emit({ type: 'store.unavailable', operation, cause })
  emit({ type: 'login.failed', code, reason: forLog(String(error)), cause })
  return code
}
