import type { Fetch } from '@bff/oidc'

export const ISSUER = 'https://id.example.com'

const METADATA = {
  issuer: ISSUER,
  authorization_endpoint: `${ISSUER}/auth`,
  token_endpoint: `${ISSUER}/token`,
  revocation_endpoint: `${ISSUER}/revoke`,
  end_session_endpoint: `${ISSUER}/end`,
  jwks_uri: `${ISSUER}/jwks`,
  response_types_supported: ['code'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['ES256'],
}

/** Just enough of a provider for refreshing and revoking, with rotation; it takes `pause` before each step. */
export interface ScriptedProvider {
  readonly fetch: Fetch
  /** A refresh token as a sign-in would have brought it, beginning a grant of its own. */
  grant(): string
  /** Refresh tokens that could still be used. */
  readonly live: ReadonlyMap<string, number>
  readonly refreshes: number
}

export function scriptedProvider(pause: () => Promise<void>): ScriptedProvider {
  /** Refresh token to grant. */
  const live = new Map<string, number>()
  const used = new Map<string, number>()
  let issued = 0
  let refreshes = 0

  const issue = (grant: number): string => {
    issued += 1
    const token = `refresh-${issued}`
    live.set(token, grant)
    return token
  }
  const refresh = (token: string): Response => {
    const grant = live.get(token)
    if (grant === undefined) return Response.json({ error: 'invalid_grant' }, { status: 400 })
    live.delete(token)
    used.set(token, grant)
    refreshes += 1
    return Response.json({
      access_token: `access-${issued + 1}`,
      token_type: 'Bearer',
      expires_in: 60,
      refresh_token: issue(grant),
    })
  }
  /** With a token goes its grant (RFC 7009 2.1). */
  const revoke = (token: string): Response => {
    const grant = live.get(token) ?? used.get(token)
    for (const [other, its] of live) if (its === grant) live.delete(other)
    return new Response(null, { status: 200 })
  }

  return {
    live,
    get refreshes() {
      return refreshes
    },
    grant: () => issue(issued + 1),
    fetch: async (url, init) => {
      await pause()
      if (url.endsWith('/.well-known/openid-configuration')) return Response.json(METADATA)
      const form = new URLSearchParams(typeof init.body === 'string' ? init.body : '')
      const answer =
        url === METADATA.token_endpoint
          ? refresh(form.get('refresh_token') ?? '')
          : revoke(form.get('token') ?? '')
      await pause()
      return answer
    },
  }
}
