import type { ProviderOptions } from '@bff/testing'

/**
 * The provider's manners as the environment sets them, for the programs that start it.
 *
 * @throws Error naming the variable and what it takes
 */
export function idpOptionsFrom(environment: Readonly<Record<string, string | undefined>>): ProviderOptions {
  const accessTokenLifetime = secondsOf(environment, 'IDP_ACCESS_TOKEN_LIFETIME')
  const refreshTokenLifetime = secondsOf(environment, 'IDP_REFRESH_TOKEN_LIFETIME')
  const grants = oneOf(environment, 'IDP_GRANTS', ['user', 'sign-in'])
  const status = oneOf(environment, 'IDP_INVALID_GRANT_STATUS', ['400', '403'])
  return {
    ...(accessTokenLifetime === undefined ? {} : { accessTokenLifetime }),
    ...(refreshTokenLifetime === undefined
      ? {}
      : { refreshTokenLifetime, announceRefreshTokenLifetime: true }),
    ...(grants === undefined ? {} : { grants }),
    ...(status === undefined ? {} : { invalidGrantStatus: status === '403' ? 403 : 400 }),
  }
}

function secondsOf(environment: Readonly<Record<string, string | undefined>>, name: string) {
  const value = environment[name]
  if (value === undefined || value === '') return undefined
  if (!/^[1-9]\d{0,8}$/.test(value)) throw new Error(`${name} must be a whole number of seconds, 1 or more.`)
  return Number(value)
}

function oneOf<Value extends string>(
  environment: Readonly<Record<string, string | undefined>>,
  name: string,
  allowed: readonly Value[],
): Value | undefined {
  const value = environment[name]
  if (value === undefined || value === '') return undefined
  const found = allowed.find((one) => one === value)
  if (found === undefined) throw new Error(`${name} must be one of: ${allowed.join(', ')}.`)
  return found
}
