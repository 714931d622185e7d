import { BffError, isBffError } from '@bff/core'

/** What an engine's error code means. */
export type Meaning = 'retry' | 'duplicate' | 'refused' | 'schema' | 'fault'

export interface DriverError {
  readonly code: string
  readonly severity: string | null
  /** Where the server was looked for, when it did not answer: `127.0.0.1:5432`. */
  readonly address?: string | null
}

export type Classify = (error: DriverError) => Meaning

/** A database error without the statement, its parameters or any row, because those hold sealed tokens and ids. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError'
  /** The engine's or driver's own code, such as `57P01`, `ER_LOCK_DEADLOCK`, `SQLITE_BUSY`, `ECONNREFUSED`. */
  readonly code: string
  readonly severity: string | null

  constructor({ code, severity, address = null }: DriverError) {
    super(
      [code, ...(severity === null ? [] : [`(${severity})`]), ...(address === null ? [] : [address])].join(
        ' ',
      ),
    )
    this.code = code
    this.severity = severity
  }
}

const SENTENCES = {
  retry: ['store_unavailable', 'The database is too busy with the same rows. Try again shortly.'],
  duplicate: ['session_conflict', undefined],
  refused: [
    'invalid_argument',
    'The database refused a value: it is too long or malformed for its column, or violates a constraint of the table. Compare the table with the migrations.',
  ],
  schema: [
    'store_unavailable',
    "The session tables seem to be missing or out of date. The store's check() and bff schema check say what is missing.",
  ],
  fault: ['store_unavailable', undefined],
} as const

/** Returns the error for the caller, without the database's own text, which can hold rows (SS-24). */
export function toBffError(error: unknown, classify: Classify): BffError {
  if (isBffError(error)) return error
  const driverError = readDriverError(error)
  const [code, message] = SENTENCES[driverError.code === '' ? 'fault' : classify(driverError)]
  return new BffError(code, message, { cause: new DatabaseError(driverError) })
}

/** Finds the driver's error in what a library wraps around it. */
export function readDriverError(error: unknown): DriverError {
  for (let depth = 0, found = error; depth < 5 && isObject(found); depth++, found = found['cause']) {
    const code = word(found['code'])
    if (code !== null) return { code, severity: word(found['severity']), address: addressIn(found) }
  }
  return { code: '', severity: null }
}

/** The address in an error of Node's network; a name with several addresses has one error for each of them. */
function addressIn(error: Readonly<Record<string, unknown>>): string | null {
  const { errors } = error
  const { address, hostname, port } = Array.isArray(errors) && isObject(errors[0]) ? errors[0] : error
  const host = address ?? hostname
  if (typeof host !== 'string' || !/^[\w.:/-]{1,255}$/.test(host)) return null
  return typeof port === 'number' ? `${host}:${port}` : host
}

/** A code is a short word; anything else might be data. */
function word(value: unknown): string | null {
  return typeof value === 'string' && /^\w{1,64}$/.test(value) ? value : null
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
