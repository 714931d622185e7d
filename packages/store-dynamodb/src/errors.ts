import { BffError, isBffError } from '@bff/core'

/** An error of DynamoDB or of its client, without the request, which holds sealed tokens and ids. */
export class DynamodbError extends Error {
  override readonly name = 'DynamodbError'
  /** The name of the exception, such as `ThrottlingException`, or the code of the connection, such as `ECONNRESET`. */
  readonly code: string

  constructor(code: string) {
    super(code)
    this.code = code
  }
}

const THROTTLED: ReadonlySet<string> = new Set([
  'ThrottlingException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
])

/** Whether the item is not as the condition of a write says. */
export const isRefused = (error: unknown) => codeOf(error) === 'ConditionalCheckFailedException'

/** Whether DynamoDB did nothing, because it had too much to do. */
export const isThrottled = (error: unknown) => THROTTLED.has(codeOf(error))

/** Whether no answer of DynamoDB arrived, so that nobody knows what it did. */
export const isBroken = (error: unknown) =>
  !isBffError(error) && typeof error === 'object' && error !== null && !('$fault' in error)

/** Returns the error for the caller, without the text of the client, which can hold data (SS-24). */
export function toBffError(error: unknown): BffError {
  if (isBffError(error)) return error
  const code = codeOf(error)
  const cause = new DynamodbError(code)
  if (code === 'ValidationException' && error instanceof Error && /^Item size /.test(error.message)) {
    return new BffError(
      'invalid_argument',
      'An item of DynamoDB has at most 400 KB. Keep less in the metadata and claims of the session.',
      { cause },
    )
  }
  return new BffError('store_unavailable', SENTENCES[code], { cause })
}

const SENTENCES: Readonly<Record<string, string>> = {
  ResourceNotFoundException:
    "The table of the sessions is missing. Call the store's check(), which says how to make it.",
  AccessDeniedException:
    'The credentials do not allow an operation on the table of the sessions. Compare the policy with the README.',
}

/** A code is a short word; anything else might be data. */
function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'unknown'
  const { code, name } = error as { readonly code?: unknown; readonly name?: unknown }
  return (
    [code, name].find((word): word is string => typeof word === 'string' && /^\w{1,64}$/.test(word)) ??
    'unknown'
  )
}
