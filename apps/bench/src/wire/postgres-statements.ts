import type { CallKind } from './call-kind.ts'

const OTHER =
  /^\s*(?:begin|commit|rollback|start|set|show|listen|unlisten|notify|discard|deallocate|select\s+pg_notify)\b/i
const CHANGE = /\b(?:insert|update|delete|merge)\b/i

export function kindOfStatement(sql: string): CallKind {
  if (sql.trim() === '' || OTHER.test(sql)) return 'other'
  return /^\s*(?:select|with)\b/i.test(sql) && !CHANGE.test(sql) ? 'reads' : 'writes'
}

const HEAD_BYTES = 4

/**
 * Returns what takes the bytes of a client's connection, and calls `onStatement` with the SQL of each execution: a simple query,
 * or `Execute` of what was bound (frontend messages of protocol 3.0).
 */
export function postgresStatements(onStatement: (sql: string) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0)
  let hasStarted = false
  const prepared = new Map<string, string>()
  const portals = new Map<string, string>()

  function read(type: string, body: Buffer): void {
    const [first = '', second = ''] = body.toString('latin1').split('\0', 2)
    if (type === 'P') prepared.set(first, second)
    else if (type === 'B') portals.set(first, prepared.get(second) ?? '')
    else if (type === 'E') onStatement(portals.get(first) ?? '')
    else if (type === 'Q') onStatement(first)
  }

  return (chunk) => {
    rest = Buffer.concat([rest, chunk])
    for (;;) {
      // The first message has no type.
      const start = hasStarted ? 1 : 0
      if (rest.length < start + HEAD_BYTES) return
      const end = start + rest.readInt32BE(start)
      if (rest.length < end) return
      if (hasStarted) read(String.fromCharCode(rest[0] ?? 0), rest.subarray(start + HEAD_BYTES, end))
      hasStarted = true
      rest = rest.subarray(end)
    }
  }
}
