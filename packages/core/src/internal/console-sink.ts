import type { Clock } from '../contracts/clock.ts'
import type { BffEvent } from '../contracts/events.ts'
import { forLog } from './for-log.ts'

/** What an operator should see even without an `onEvent` of their own. */
const WARNINGS =
  /^(cache\.off|clock|config|crypto|store|cleanup\.failed|bus|hook|provider|revocation|request|login\.failed|logout\.failed|refresh\.(transient|discarded|subject_mismatch)|proxy\.failed)(\.|$)|^session\.(theft|surge|refused)$/

/** Failures that a user chose or an unknown client caused: they do not show that something is wrong here. */
const EXPECTED_FAILURES = new Set(['login_cancelled', 'login_expired', 'login_refused', 'rate_limited'])

const REPEAT_MS = 60_000
const MAX_KINDS = 200

/**
 * Makes the default sink: one line on `console.warn` for each event that an operator should see.
 *
 * An event of the same kind (type, code, operation …) is written once a minute; the next line says how many were left out.
 */
export function createConsoleSink(clock: Clock): (event: BffEvent) => void {
  const written = new Map<string, { readonly at: number; omitted: number }>()

  return (event) => {
    const isWarning = WARNINGS.test(event.type) || ('severity' in event && event.severity === 'warning')
    if (!isWarning || ('code' in event && EXPECTED_FAILURES.has(event.code))) return
    const kind = kindOf(event)
    const now = clock.monotonic()
    const last = written.get(kind)
    if (last !== undefined && now - last.at < REPEAT_MS) {
      last.omitted += 1
      return
    }
    written.delete(kind)
    if (written.size >= MAX_KINDS) written.delete(written.keys().next().value ?? '')
    written.set(kind, { at: now, omitted: 0 })
    const omitted = last?.omitted ? ` (${last.omitted} more since the last line)` : ''
    console.warn(`[bff] ${event.type}${omitted}`, forLog(JSON.stringify(event, describeCause)))
  }
}

const KIND_MEMBERS = ['type', 'code', 'operation', 'option', 'route', 'hook', 'reason', 'field', 'topic']

/** Two events of one kind tell an operator the same, regardless of their session. */
function kindOf(event: BffEvent): string {
  return KIND_MEMBERS.map((member) => String(Reflect.get(event, member) ?? '')).join('\n')
}

function describeCause(key: string, value: unknown): unknown {
  return key === 'cause' ? causeText(value) : value
}

const MAX_CAUSES = 4

/** An error and what led to it, innermost last: `TypeError: fetch failed <- Error ECONNREFUSED: connect …`. */
export function causeText(cause: unknown): string {
  const parts: string[] = []
  for (let current = cause; current instanceof Error && parts.length < MAX_CAUSES; current = causeOf(current))
    parts.push(describe(current))
  return parts.length === 0 ? String(cause) : parts.join(' <- ')
}

/** Node reports a host that refuses at each of its addresses as one error without a message. */
const causeOf = (error: Error): unknown => (error instanceof AggregateError ? error.errors[0] : error.cause)

function describe(error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? ` ${error.code}` : ''
  return `${error.name}${code}${error.message === '' ? '' : `: ${error.message}`}`
}
