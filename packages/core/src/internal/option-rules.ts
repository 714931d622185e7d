import type { Clock } from '../contracts/clock.ts'
import type { BffEvent } from '../contracts/events.ts'
import type { OptionRule } from './options.ts'

/** Any value: TypeScript alone checks it. `null` counts as left out. */
export function given<Value>(): OptionRule<Value | undefined>
export function given<Value>(fallback: Value): OptionRule<Value>
export function given<Value>(fallback?: Value): OptionRule<Value | undefined> {
  return (value) => (value ?? fallback) as Value | undefined
}

/** What the rule makes of a given value, and `undefined` where none is given. */
export const optional =
  <Value>(rule: OptionRule<Value>): OptionRule<Value | undefined> =>
  (value, invalid) =>
    value === undefined ? undefined : rule(value, invalid)

/** A function. `null` counts as left out. */
export const callback =
  <Value>(): OptionRule<Value | undefined> =>
  (value, invalid) => {
    if (value === undefined || value === null) return undefined
    if (typeof value === 'function') return value as Value
    throw invalid('must be a function')
  }

/** A sink, such as `onEvent`. */
export const sink = () => callback<(event: BffEvent) => void>()

/** A clock. */
export const clock = (): OptionRule<Clock | undefined> => (value, invalid) => {
  const { now, monotonic, sleep } = (value ?? {}) as Partial<Clock>
  if (value === undefined || [now, monotonic, sleep].every((method) => typeof method === 'function'))
    return value as Clock | undefined
  throw invalid('must have now(), monotonic() and sleep()')
}

/** A number between two bounds, both included. */
export const number =
  (fallback: number, min: number, max: number): OptionRule<number> =>
  (value = fallback, invalid) => {
    if (typeof value === 'number' && value >= min && value <= max) return value
    throw invalid(`must be a number from ${min} to ${max}`)
  }

/** A whole number from `min` on. @param max `Infinity`: no upper bound */
export const wholeNumber =
  (fallback: number, min: number, max = Number.POSITIVE_INFINITY): OptionRule<number> =>
  (value = fallback, invalid) => {
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value
    if (max !== Number.POSITIVE_INFINITY) throw invalid(`must be a whole number from ${min} to ${max}`)
    throw invalid(min === 1 ? 'must be a whole number above zero' : `must be a whole number, at least ${min}`)
  }

/** One of these values; the first is the default unless another one is named. */
export const oneOf =
  <const Value extends string>(values: readonly Value[], fallback = values[0]): OptionRule<Value> =>
  (value = fallback, invalid) => {
    const found = values.find((known) => known === value)
    if (found !== undefined) return found
    throw invalid(`must be one of: ${values.join(', ')}`)
  }

/** `true` or `false`. */
export const flag =
  (fallback: boolean): OptionRule<boolean> =>
  (value = fallback, invalid) => {
    if (typeof value === 'boolean') return value
    throw invalid('must be true or false')
  }

/** Text that is not empty. */
export const text =
  (fallback?: string): OptionRule<string> =>
  (value = fallback, invalid) => {
    if (typeof value === 'string' && value.trim() !== '') return value
    throw invalid('must be a text')
  }

/** An absolute path of this server, such as `/bff`, without a slash at its end. */
export const path =
  (fallback: string): OptionRule<string> =>
  (value = fallback, invalid) => {
    if (typeof value === 'string' && /^(\/[\w.~-]+)+$/.test(value)) return value
    throw invalid(`must be a path such as ${fallback}, without a slash at its end`)
  }

/** A token of RFC 9110 §5.6.2, such as a header's name. */
export const token =
  (fallback: string): OptionRule<string> =>
  (value = fallback, invalid) => {
    if (typeof value === 'string' && /^[\w!#$%&'*+.^`|~-]+$/.test(value)) return value
    throw invalid('must be a token of letters, digits and -._~')
  }

/** Names that a browser resolves to this machine alone, and an address of it. */
export const isThisMachine = (hostname: string) => /^(?:(?:.+\.)?localhost|127\.0\.0\.1)$/.test(hostname)

/** A bare https origin, or a plain http one on this machine. */
export const origin = (): OptionRule<string> => (value, invalid) => {
  const found = new URL(URL.canParse(String(value)) ? String(value) : 'about:')
  if (found.origin !== value)
    throw invalid(
      `must be a bare origin such as ${found.origin === 'null' ? 'https://app.example.com' : found.origin}, without path or default port`,
    )
  if (found.protocol !== 'https:' && !(found.protocol === 'http:' && isThisMachine(found.hostname)))
    throw invalid('must use https; plain http is only for localhost and 127.0.0.1')
  return found.origin
}

/** A list, each of whose members follows a rule. */
export const listOf =
  <Value>(rule: OptionRule<Value>, fallback: readonly Value[] = []): OptionRule<readonly Value[]> =>
  (value = fallback, invalid) => {
    if (!Array.isArray(value)) throw invalid('must be a list')
    return value.map((one) =>
      rule(one, (sentence) => invalid(`lists a value that is not valid: each ${sentence}`)),
    )
  }

/** The absolute path of an endpoint; by default this name below the base path, which is known once the BFF is made. */
export const pathBelow =
  (name: string): OptionRule<(basePath: string) => string> =>
  (value, invalid) => {
    if (value === undefined) return (basePath) => `${basePath}/${name}`
    const given = path(`/bff/${name}`)(value, invalid)
    return () => given
  }
