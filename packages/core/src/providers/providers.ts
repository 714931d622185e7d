import type { Clock } from '../contracts/clock.ts'
import type { IdentityProvider } from '../contracts/identity-provider.ts'
import { createAttachment } from '../internal/attachment.ts'
import { BffError } from '../internal/bff-error.ts'
import { clock, given, number, wholeNumber } from '../internal/option-rules.ts'
import { readOptions } from '../internal/options.ts'
import { type ChooseProvider, combine } from './combined-provider.ts'
import { isProviderName, loadedProviders, namedProviders } from './sources.ts'

export interface NamedProvidersOptions<Name extends string = string> {
  /** The provider of a sign-in that names none and for which `choose` names none. @default none: it answers `bad_request` */
  readonly default?: Name
  /**
   * Returns a name by the request, such as by its host or path, or `null`. `?provider=<name>` and the provider of the
   * browser's session come first. @default none
   */
  readonly choose?: ChooseProvider
}

export interface LoadedProvidersOptions extends NamedProvidersOptions {
  /**
   * Makes the provider of a name: 1 to 64 letters, digits, `.`, `_` and `-`. The name may come from outside, as
   * `?provider=`. Return `null` for one that does not exist, at little cost.
   */
  readonly load: (name: string) => IdentityProvider | null | Promise<IdentityProvider | null>
  /** How long a loaded provider is used before it is loaded again, in milliseconds. @default 300_000. At least 1000 */
  readonly ttlMs?: number
  /** How many are kept; the least recently used one goes first. @default 100. From 1 to 10_000 */
  readonly max?: number
  /** A clock of its own, for tests. @default the clock of the BFF */
  readonly clock?: Clock
}

/**
 * Makes one identity provider of several. `GET /bff/login?provider=company` signs in at one of them; without the parameter a
 * browser with a session goes to the provider that made it, then `choose` decides, then `default`.
 *
 * A session keeps the name, and belongs to that provider: refresh, revocation and sign-out go there and nowhere else. A
 * name must never be given to another provider while sessions of the first one live. The providers share the callback and
 * the endpoint for logout tokens. A provider that `load` makes sends its logout tokens to
 * `/bff/backchannel-logout?provider=<name>`.
 *
 * `load` is called once for a name that many requests need, and again after `ttlMs`: so a changed tenant needs no restart. What it
 * throws fails that name's requests only, with `provider_unavailable` and the cause in `provider.failed`, and the next one
 * calls it again.
 *
 * @throws BffError `invalid_config`
 * @example
 * ```ts
 * import { providers } from '@bff/core/providers'
 * import { oidc } from '@bff/oidc'
 *
 * declare const secrets: { readonly company: string; readonly customers: string }
 * export const provider = providers(
 *   {
 *     company: oidc({ issuer: 'https://id.example.com', clientId: 'orders', clientSecret: secrets.company }),
 *     customers: oidc({ issuer: 'https://login.example.net', clientId: 'shop', clientSecret: secrets.customers }),
 *   },
 *   { default: 'customers', choose: (request) => (request.header('host') === 'staff.example.com' ? 'company' : null) },
 * )
 * ```
 */
export function providers<Name extends string>(
  all: Readonly<Record<Name, IdentityProvider>>,
  options?: NamedProvidersOptions<NoInfer<Name>>,
): IdentityProvider
export function providers(options: LoadedProvidersOptions): IdentityProvider
export function providers(
  first: Readonly<Record<string, IdentityProvider>> | LoadedProvidersOptions,
  options: NamedProvidersOptions = {},
): IdentityProvider {
  const choosing = { default: given<string>(), choose: given<ChooseProvider>() }
  if (isLoader(first)) {
    const {
      ttlMs,
      max,
      clock: own,
      ...chosen
    } = readOptions('providers', first, {
      ...choosing,
      load: given(),
      ttlMs: number(300_000, 1_000, Number.MAX_SAFE_INTEGER),
      max: wholeNumber(100, 1, 10_000),
      clock: clock(),
    })
    const attachment = createAttachment({ clock: own })
    return combine(loadedProviders({ load: first.load, ttlMs, max, attachment }), chosen)
  }
  const chosen = readOptions('providers', options, choosing)
  const all = new Map(Object.entries(first))
  if (all.size === 0) throw new BffError('invalid_config', 'providers: name at least one provider.')
  for (const name of [...all.keys(), ...(chosen.default === undefined ? [] : [chosen.default])])
    if (!isProviderName(name) || !all.has(name))
      throw new BffError(
        'invalid_config',
        `providers: ${name} is not the name of one of them. Names have 1 to 64 letters, digits and ._-`,
      )
  return combine(namedProviders(all), chosen)
}

function isLoader(
  first: Readonly<Record<string, IdentityProvider>> | LoadedProvidersOptions,
): first is LoadedProvidersOptions {
  return typeof first.load === 'function'
}
