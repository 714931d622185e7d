type Json = Readonly<Record<string, unknown>>

/**
 * Returns a provider's JSON object in the form that RFC 6749 §5.1 gives it, so that a detail of its form does not lose the
 * tokens in it: a refresh token that it replaces may be used up already.
 *
 * It removes empty members: null and empty strings, except an empty scope. In a response with an access token, a missing
 * type means Bearer: a caller that asked for another type refuses it. Lifetimes may be strings, a scope may be a list, and
 * unusable values of both count as absent.
 */
export function conformed(json: Json): Json {
  const said = Object.entries(json).filter(
    ([name, value]) => value !== null && (value !== '' || name === 'scope'),
  )
  const known = Object.fromEntries(said)
  if (typeof known['access_token'] !== 'string') return known
  const { expires_in, refresh_expires_in, refresh_token_expires_in, scope, ...rest } = known
  return {
    token_type: 'Bearer',
    ...rest,
    ...present('expires_in', seconds(expires_in)),
    ...present('refresh_expires_in', seconds(refresh_expires_in)),
    ...present('refresh_token_expires_in', seconds(refresh_token_expires_in)),
    ...present('scope', names(scope)),
  }
}

const present = (name: string, value: number | string | null): Json =>
  value === null ? {} : { [name]: value }

function seconds(value: unknown): number | null {
  const number = typeof value === 'string' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : null
}

function names(scope: unknown): string | null {
  if (Array.isArray(scope) && scope.every((name) => typeof name === 'string')) return scope.join(' ')
  return typeof scope === 'string' ? scope : null
}
