import type { PluginFactory } from '../contracts/plugin.ts'
import { BffError } from '../internal/bff-error.ts'
import { refuseUnknown } from '../internal/options.ts'

export interface SignInParametersOptions {
  /**
   * The names of the parameters that a link to `/bff/login` may set: `acr_values`, `max_age`, `login_hint`, `prompt`,
   * `ui_locales` … The protocol's own parameters are not allowed here.
   */
  readonly allowed: readonly string[]
}

/** With one of these a link could choose where codes go, or what is checked. */
const PROTOCOL =
  /^(client_.*|response_.*|code_.*|request|request_uri|redirect_uri|scope|state|nonce|registration|dpop_jkt|id_token_hint|returnTo)$/

const invalid = (message: string) => new BffError('invalid_config', message)

const VALUE = /^[^\p{Cc}]{1,512}$/u

/**
 * Lets a link set authorization parameters of its sign-in: a step-up with `acr_values`, a recent sign-in with `max_age`, a
 * known user with `login_hint`. Without this plugin `/bff/login` accepts none. It never takes parameters from `returnTo`.
 *
 * `@bff/oidc` checks the provider's answer: the sign-in fails when `auth_time` or `acr` of the ID token does not match
 * (OpenID Connect Core §3.1.3.7, CKS-17). A step-up is a sign-in, so it makes a new session (CKS-10).
 *
 * @throws BffError `invalid_config` for a parameter of the protocol; at a sign-in, `bad_request` for a value that is empty,
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
    if (PROTOCOL.test(name))
      throw invalid(`signInParameters: a link must not set ${name}. Remove it from allowed.`)
  }

  return () => ({
    signInParameters(query) {
      const asked: Record<string, string> = {}
      for (const name of allowed) {
        const [value, ...more] = query.getAll(name)
        if (value === undefined) continue
        if (more.length > 0 || !VALUE.test(value))
          throw new BffError(
            'bad_request',
            `The parameter ${name} is not valid. Send it once, with 1 to 512 characters and no control characters.`,
          )
        asked[name] = value
      }
      return asked
    },
  })
}
