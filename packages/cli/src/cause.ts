const MAX_CAUSES = 4

/** Postgres has numbers where others have names. */
const SQLSTATES: Readonly<Record<string, string>> = {
  '28000': 'the database refuses this user',
  '28P01': 'the database refuses this user or password',
  '3D000': 'there is no such database',
  '42501': 'this user has no right to do this',
  '53300': 'the database has too many connections',
}

/** What led to an error, innermost last; `null` when it does not say. The stores of `@bff` leave rows and addresses with passwords out. */
export function causesOf(error: Error): string | null {
  const parts: string[] = []
  for (let cause = error.cause; cause instanceof Error && parts.length < MAX_CAUSES; cause = cause.cause)
    if (cause.message !== '') parts.push(`${cause.message}${meaningOf(cause)}`)
  return parts.length === 0 ? null : parts.join(' <- ')
}

function meaningOf(error: Error): string {
  const code = 'code' in error ? String(error.code) : ''
  return Object.hasOwn(SQLSTATES, code) ? `: ${SQLSTATES[code]}` : ''
}
