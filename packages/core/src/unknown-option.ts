import { BffError } from '@bff/core'

/**
 * Refuses an option that does not exist: a typo must not become a silent default.
 *
 * @throws BffError `invalid_config`
 */
export function refuseUnknown(of: string, options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).find((key) => !known.includes(key))
  if (unknown !== undefined)
    throw new BffError(
      'invalid_config',
      `Unknown option ${unknown} of ${of}. Known ones are: ${known.join(', ')}.`,
    )
}
