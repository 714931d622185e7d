/** What errors of transports say about themselves; all else may hold what an API sent, such as cookies. */
const PLAIN = new Set([
  ...['name', 'message', 'stack', 'cause', 'errors', 'code', 'status'],
  ...['errno', 'syscall', 'address', 'port', 'hostname', 'socket'],
])

/**
 * A transport's error as an operator may see it: itself, or without what it carries along, such as the bytes of an answer
 * that a parser did not understand (LOG-01).
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
