import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'

/** One OpenID provider, with its own keys, client and tokens. What it issues begins with its name. */
export interface Issuer {
  readonly name: string
  readonly issuer: string
  readonly clientId: string
  /** The accepted secrets of the client, so that one can be replaced. */
  readonly secrets: Set<string>
  /** How often its metadata was read. */
  discoveries: number
  refreshes: number
  revocations: number
  /** What the user does at the authorization endpoint; returns the query of the callback. */
  authorize(url: string, user: string): string
  /** A logout token for one of its sessions. */
  logoutToken(sid: string): Promise<string>
}

export interface Issuers {
  /** What reached one provider and belongs to another: a secret, a code, a token, a redirect URI. */
  readonly crossings: string[]
  add(name: string, redirectUris: readonly string[]): Promise<Issuer>
  close(): Promise<void>
}

interface Code {
  readonly user: string
  readonly nonce: string
  readonly challenge: string
  readonly redirectUri: string
}

type Claims = Readonly<Record<string, unknown>>
type Answer = (
  request: IncomingMessage,
  form: URLSearchParams,
) => Promise<readonly [status: number, body: object]>

const BACKCHANNEL = 'http://schemas.openid.net/event/backchannel-logout'

/** Many providers on one port, each below a path of its own. */
export async function startIssuers(): Promise<Issuers> {
  const crossings: string[] = []
  const answers = new Map<string, Answer>()
  const server = createServer(async (request, response) => {
    const answer = answers.get(request.url?.split('?', 1)[0] ?? '')
    const form = new URLSearchParams(await text(request))
    const [status, body] = (await answer?.(request, form)) ?? [404, {}]
    write(response, status, body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  async function add(name: string, redirectUris: readonly string[]): Promise<Issuer> {
    const issuer = `${base}/${name}`
    const { privateKey, publicKey } = await generateKeyPair('ES256')
    const key = { ...(await exportJWK(publicKey)), alg: 'ES256', kid: name }
    const codes = new Map<string, Code>()
    const refreshTokens = new Map<string, { readonly user: string; readonly sid: string }>()
    const own = (value: string) => value.startsWith(`${name}.`)
    const made = () => `${name}.${randomBytes(18).toString('base64url')}`
    const crossed = (what: string, value: string) => {
      if (!own(value)) crossings.push(`${name} got ${what} of ${value.split('.', 1)[0]}`)
    }
    const sign = (claims: Claims, typ: string) =>
      new SignJWT({ ...claims })
        .setProtectedHeader({ alg: 'ES256', kid: name, typ })
        .setIssuer(issuer)
        .setAudience(it.clientId)
        .setIssuedAt()
        .setExpirationTime('5m')
        .sign(privateKey)

    const it: Issuer = {
      name,
      issuer,
      clientId: `${name}.app`,
      secrets: new Set([`${name}.secret`]),
      discoveries: 0,
      refreshes: 0,
      revocations: 0,
      authorize(url, user) {
        const { origin, pathname, searchParams: query } = new URL(url)
        const redirectUri = query.get('redirect_uri') ?? ''
        crossed('the client', query.get('client_id') ?? '')
        if (origin + pathname !== `${issuer}/authorize`)
          crossings.push(`${user} of ${name} was sent to ${url}`)
        if (!redirectUris.includes(redirectUri)) crossings.push(`${name} got the redirect URI ${redirectUri}`)
        const code = made()
        const [nonce, challenge] = [query.get('nonce') ?? '', query.get('code_challenge') ?? '']
        codes.set(code, { user, nonce, challenge, redirectUri })
        return String(new URLSearchParams({ code, state: query.get('state') ?? '', iss: issuer }))
      },
      logoutToken: (sid) => sign({ sid, jti: made(), events: { [BACKCHANNEL]: {} } }, 'logout+jwt'),
    }

    async function token(
      request: IncomingMessage,
      form: URLSearchParams,
    ): Promise<readonly [number, object]> {
      const [id = '', secret = ''] = Buffer.from(request.headers.authorization?.slice(6) ?? '', 'base64')
        .toString()
        .split(':')
        .map(decodeURIComponent)
      crossed('the client', id)
      crossed('the secret', secret)
      if (id !== it.clientId || !it.secrets.has(secret)) return [401, { error: 'invalid_client' }]
      const [code, old] = [form.get('code'), form.get('refresh_token')]
      if (code !== null) crossed('a code', code)
      if (old !== null) crossed('a refresh token', old)
      const grant = codes.get(code ?? '')
      if (grant !== undefined) {
        codes.delete(code ?? '')
        const challenge = createHash('sha256')
          .update(form.get('code_verifier') ?? '')
          .digest('base64url')
        if (challenge !== grant.challenge || form.get('redirect_uri') !== grant.redirectUri)
          return [400, { error: 'invalid_grant' }]
        const sid = made()
        const claims = { sub: grant.user, nonce: grant.nonce, sid, tenant: name }
        return [200, tokens(grant.user, sid, await sign(claims, 'JWT'))]
      }
      const session = refreshTokens.get(old ?? '')
      if (session === undefined) return [400, { error: 'invalid_grant' }]
      refreshTokens.delete(old ?? '')
      it.refreshes++
      return [200, tokens(session.user, session.sid)]
    }

    function tokens(user: string, sid: string, idToken?: string): object {
      const refreshToken = made()
      refreshTokens.set(refreshToken, { user, sid })
      return {
        access_token: made(),
        token_type: 'Bearer',
        expires_in: 600,
        refresh_token: refreshToken,
        ...(idToken !== undefined && { id_token: idToken }),
      }
    }

    const paths: Readonly<Record<string, Answer>> = {
      '/.well-known/openid-configuration': async () => {
        it.discoveries++
        return [200, metadataOf(issuer)]
      },
      '/jwks': async () => [200, { keys: [key] }],
      '/token': token,
      '/revoke': async (_request, form) => {
        crossed('a token to revoke', form.get('token') ?? '')
        it.revocations++
        refreshTokens.delete(form.get('token') ?? '')
        return [200, {}]
      },
    }
    for (const [path, answer] of Object.entries(paths)) answers.set(`/${name}${path}`, answer)
    return it
  }

  return {
    crossings,
    add,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const metadataOf = (issuer: string) => ({
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  jwks_uri: `${issuer}/jwks`,
  revocation_endpoint: `${issuer}/revoke`,
  authorization_response_iss_parameter_supported: true,
  response_types_supported: ['code'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['ES256'],
  code_challenge_methods_supported: ['S256'],
  token_endpoint_auth_methods_supported: ['client_secret_basic'],
})

function write(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
