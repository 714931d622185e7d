import { type BffErrorCode, type CoreErrorCode, ERRORS } from '../contracts/error-codes.ts'

export interface BffErrorOptions {
  /** The error that caused it. It goes to events and logs, never to a browser. */
  cause?: unknown
  /** Seconds after which the client can try again; sent as `Retry-After`. */
  retryAfter?: number
  /** The HTTP status of a plugin's own code; codes of core have a fixed status. @default 500 */
  status?: number
}

/**
 * The one error class of every `@bff/*` package.
 *
 * Compare errors by `code`, or with {@link isBffError} across duplicate installs; never by message. No message holds a
 * token, cookie, key or secret.
 *
 * @example
 * ```ts
 * import { isBffError } from '@bff/core'
 *
 * export function isSignedOut(error: unknown): boolean {
 *   return isBffError(error) && error.status === 401
 * }
 * ```
 */
export class BffError extends Error {
  override readonly name = 'BffError'
  readonly code: BffErrorCode
  /** The HTTP status of the response. */
  readonly status: number
  /** Seconds after which the client can try again, or `null`. */
  readonly retryAfter: number | null

  constructor(code: BffErrorCode, message?: string, options: BffErrorOptions = {}) {
    const [status, sentence] = isCoreCode(code) ? ERRORS[code] : [options.status ?? 500, code]
    super(message ?? sentence, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.status = status
    this.retryAfter = options.retryAfter ?? null
  }
}

const isCoreCode = (code: string): code is CoreErrorCode => Object.hasOwn(ERRORS, code)

/**
 * Returns whether `value` is a {@link BffError}, with `code` when it is given. Codes of core also match across duplicate
 * installs.
 */
export function isBffError(value: unknown, code?: BffErrorCode): value is BffError {
  if (!(value instanceof Error) || value.name !== 'BffError') return false
  const found = (value as { code?: unknown }).code
  if (typeof found !== 'string' || !(isCoreCode(found) || value instanceof BffError)) return false
  return code === undefined || found === code
}
