import { BffError } from './bff-error.ts'

/**
 * Reads one option: returns its checked value, or the default where it is `undefined`.
 *
 * @throws the error that `invalid` makes of a sentence such as `must be a number from 1 to 10`
 */
export type OptionRule<Value> = (value: unknown, invalid: (sentence: string) => BffError) => Value

/** The values that options have after they were read. */
export type OptionValues<Rules> = {
  readonly [Name in keyof Rules]: Rules[Name] extends OptionRule<infer Value> ? Value : never
}

/**
 * Reads the options of a function: checks each, fills in defaults, and refuses options that do not exist.
 *
 * @param of the name of the function that takes the options, or of a section such as `session`
 * @param separator the text between `of` and the option's name in messages. @default `: `
 * @throws BffError `invalid_config` with the option and the values it accepts
 * @example
 * ```ts
 * import type { Stores } from '@bff/core'
 * import { option, readOptions } from '@bff/core/authoring'
 *
 * declare function open(url: string, timeoutMs: number): Stores
 * export function myStore(options: { readonly url: string; readonly timeoutMs?: number }): Stores {
 *   const { url, timeoutMs } = readOptions('myStore', options, {
 *     url: option.text(),
 *     timeoutMs: option.number(1_000, 1, 60_000),
 *   })
 *   return open(url, timeoutMs)
 * }
 * ```
 */
export function readOptions<const Rules extends Readonly<Record<string, OptionRule<unknown>>>>(
  of: string,
  options: object | undefined,
  rules: Rules,
  separator = ': ',
): OptionValues<Rules> {
  const given = options === undefined ? {} : options
  refuseUnknown(of, given, Object.keys(rules))
  const values = Object.entries(rules).map(([name, rule]) => {
    const value: unknown = Reflect.get(given, name)
    const absent = absence(value)
    const start = absent === null ? name : `${name} ${absent}: it`
    const invalid = (sentence: string) => invalidOptions(of, `${start} ${sentence}`, separator)
    return [name, rule(value, invalid)]
  })
  return Object.fromEntries(values)
}

/**
 * Says that a refused value is empty or missing, and what to do; `null` for any other value. The usual cause is an environment
 * variable, which no rule can see.
 */
export function absence(value: unknown): string | null {
  const isEmpty = typeof value === 'string' && value.trim() === ''
  if (!isEmpty && value !== undefined && value !== null) return null
  return `is ${isEmpty ? 'empty' : 'missing'}. Set it, or its environment variable`
}

/**
 * Makes the error of options that do not fit together, in the form that {@link readOptions} gives the error of one.
 *
 * @param sentence without a full stop, such as `cert needs key. Set both`
 */
export const invalidOptions = (of: string, sentence: string, separator = ': '): BffError =>
  new BffError('invalid_config', `${of}${separator}${sentence}.`)

/**
 * Throws for an option that does not exist: a typo must not become a silent default.
 *
 * @throws BffError `invalid_config` with the option and the known options; also when `options` is not an object
 */
export function refuseUnknown(of: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null)
    throw new BffError('invalid_config', `The options of ${of} must be an object.`)
  const unknown = Object.keys(options).find((name) => !known.includes(name))
  if (unknown !== undefined)
    throw new BffError(
      'invalid_config',
      `Unknown option ${unknown} of ${of}. Known options are: ${known.join(', ')}.`,
    )
}
