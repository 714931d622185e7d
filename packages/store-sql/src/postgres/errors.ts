import type { Classify } from '../store/errors.ts'

/** By SQLSTATE. */
export const classifyPostgres: Classify = ({ code }) => {
  if (code === '40001' || code === '40P01') return 'retry'
  if (code === '23505') return 'duplicate'
  if (code === '42P01' || code === '42703' || code === '3F000') return 'schema'
  // Data exceptions and broken constraints.
  return code.length === 5 && /^2[23]/.test(code) ? 'refused' : 'fault'
}
