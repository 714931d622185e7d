import { BffError } from './bff-error.ts'

/**
 * Throws for an option that does not exist: a typo must not become a silent default. For functions with options: a store, a
 * plugin, a provider.
 *
 * @param of the name of the function that takes the options
 * @throws BffError `invalid_config` with the option and the known options; also when `options` is not an object
 * @example
 * ```ts
 * import { type Stores } from '@bff/core'
 * import { refuseUnknown } from '@bff/core/authoring'
 *
 * declare function open(url: string): Stores
 * export function myStore(options: { readonly url: string }): Stores {
 *   refuseUnknown('myStore', options, ['url'])
 *   return open(options.url)
 * }
 * ```
 */
export function refuseUnknown(of: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null)
    throw new BffError('invalid_config', `The options of ${of} must be an object.`)
  for (const key of Object.keys(options))
    if (!known.includes(key))
      throw new BffError(
        'invalid_config',
        `Unknown option ${key} of ${of}. Known ones are: ${known.join(', ')}.`,
      )
}
