import type { PluginFactory } from '../contracts/plugin.ts'
import { BffError } from '../internal/bff-error.ts'
import { refuseUnknown } from '../internal/unknown-option.ts'
import { invalid } from './options.ts'

export interface SignInParametersOptions {
  /**
   * What a link to `/bff/login` may ask of the provider, by name: `acr_values`, `max_age`, `login_hint`, `prompt`,
   * `ui_locales` … What the protocol itself sets can never be among them.
   */
  readonly allowed: readonly string[]
}

/** Whoever could set one of these would choose where codes go, or what is checked. */
const PROTOCOL =
  /^(client_.*|response_.*|code_.*|request|request_uri|redirect_uri|scope|state|nonce|registration|dpop_jkt|id_token_hint|returnTo)$/

const VALUE = /^[^\p{Cc}]{1,512}$/u

/**
 * Lets a link choose authorization parameters of its own sign-in: a step-up with `acr_values`, fresh proof with
 * `max_age`, a known name with `login_hint`. Without it `/bff/login` takes none, and nothing within `returnTo` ever
 * becomes one.
 *
 * `@bff/oidc` holds the provider to what was asked: an ID token whose `auth_time` or `acr` says otherwise fails the
 * sign-in (CKS-17). A sign-in makes a new session, so a step-up does too (CKS-10).
 *
 * @throws BffError `invalid_config` for a name the protocol needs; at a sign-in, `bad_request` for a value that is empty,
 * longer than 512 characters, repeated, or holds control characters
 * @example
 * ```ts
 * import { type BffConfig, createBff } from '@bff/core'
 * import { signInParameters } from '@bff/core/endpoints'
 *
 * // A link to /bff/login?acr_values=phr&returnTo=/transfer asks for a second factor.
 * export const withStepUp = (config: BffConfig) =>
 *   createBff({ ...config, plugins: [signInParameters({ allowed: ['acr_values', 'max_age'] })] })
 * ```
 */
export function signInParameters(options: SignInParametersOptions): PluginFactory {
  refuseUnknown('signInParameters', options, ['allowed'])
  const allowed = [...options.allowed]
  for (const name of allowed) {
    if (typeof name !== 'string' || !/^[A-Za-z0-9_.:-]+$/.test(name))
      throw invalid('signInParameters: allowed must list names such as acr_values.')
    if (PROTOCOL.test(name)) throw invalid(`signInParameters: ${name} is not for a link to set.`)
  }

  return () => ({
    signInParameters(query) {
      const asked: Record<string, string> = {}
      for (const name of allowed) {
        const [value, ...more] = query.getAll(name)
        if (value === undefined) continue
        if (more.length > 0 || !VALUE.test(value))
          throw new BffError('bad_request', `The parameter ${name} cannot be that.`)
        asked[name] = value
      }
      return asked
    },
  })
}
