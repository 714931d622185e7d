import { invalidOptions } from './options.ts'

/**
 * Checks that exactly one of some options is set, and returns its name.
 *
 * @param of as in {@link readOptions}
 * @throws BffError `invalid_config` with the options that are missing, or those that exclude each other
 * @example
 * ```ts
 * import { requireOneOf } from '@bff/core/authoring'
 *
 * export function addressOf(options: { readonly url?: string; readonly path?: string }): string | undefined {
 *   return options[requireOneOf('myStore', options, ['url', 'path'])]
 * }
 * ```
 */
export function requireOneOf<Options extends object, const Name extends keyof Options & string>(
  of: string,
  options: Options,
  names: readonly Name[],
): Name {
  const [name, ...others] = names.filter((name) => options[name] !== undefined)
  if (name === undefined)
    throw invalidOptions(of, `${listed(names)} are missing. Set one of them, or its environment variable`)
  if (others.length > 0)
    throw invalidOptions(of, `${listed([name, ...others])} exclude each other. Set one of them`)
  return name
}

const listed = (names: readonly string[]) => `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
