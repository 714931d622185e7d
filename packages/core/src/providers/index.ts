/**
 * `@bff/core/providers`: several identity providers as one, by name, known at start or loaded at run time.
 *
 * @module
 */

export type { ChooseProvider } from './combined-provider.ts'
export {
  type LoadedProvidersOptions,
  type NamedProvidersOptions,
  providers,
} from './providers.ts'
