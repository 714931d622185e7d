import { BffError } from '../internal/bff-error.ts'

/**
 * Returns a lifetime in whole milliseconds, rounded up.
 *
 * @throws BffError `invalid_argument` when it is not a finite number above zero (TS-07)
 */
export function requireTtl(ttlMs: number): number {
  if (Number.isFinite(ttlMs) && ttlMs > 0) return Math.ceil(ttlMs)
  throw new BffError('invalid_argument', 'A lifetime must be a finite number of milliseconds above zero.')
}
