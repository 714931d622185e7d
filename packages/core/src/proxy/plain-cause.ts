/** The members of a transport's error that are safe; all others may hold data of the API, such as cookies. */
const PLAIN = new Set([
  ...['name', 'message', 'stack', 'cause', 'errors', 'code', 'status'],
  ...['errno', 'syscall', 'address', 'port', 'hostname', 'socket'],
])

/**
 * Returns a transport's error as an operator may see it: unchanged, or without data such as the bytes of a response that a
 * parser did not understand (LOG-01).
 */
export function plainCause(error: unknown): unknown {
  if (!(error instanceof Error)) return typeof error === 'object' ? undefined : error
  if (isPlain(error)) return error
  const plain = new Error(error.message, { cause: plainCause(error.cause) })
  plain.name = error.name
  if (error.stack !== undefined) plain.stack = error.stack
  return 'code' in error ? Object.assign(plain, { code: error.code }) : plain
}

function isPlain(error: unknown): boolean {
  if (!(error instanceof Error)) return typeof error !== 'object'
  const inner: unknown[] = error instanceof AggregateError ? error.errors : []
  return Object.keys(error).every((key) => PLAIN.has(key)) && [error.cause, ...inner].every(isPlain)
}
