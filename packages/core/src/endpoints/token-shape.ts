/** Describes a token without its content. */
export type TokenShape =
  | {
      readonly format: 'jwt'
      readonly length: number
      readonly algorithm: string | null
      readonly type: string | null
      /** Names, not values. */
      readonly claims: readonly string[]
    }
  | { readonly format: 'opaque'; readonly length: number }

export function tokenShape(token: string): TokenShape {
  const [header, payload] = token.split('.').map(parsed)
  if (token.split('.').length !== 3 || !header || !payload) return { format: 'opaque', length: token.length }
  return {
    format: 'jwt',
    length: token.length,
    algorithm: textOf(header['alg']),
    type: textOf(header['typ']),
    claims: Object.keys(payload),
  }
}

const textOf = (value: unknown) => (typeof value === 'string' && value.length <= 32 ? value : null)

function parsed(part: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(atob(part.replaceAll('-', '+').replaceAll('_', '/')))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null
  } catch {
    return null
  }
}
