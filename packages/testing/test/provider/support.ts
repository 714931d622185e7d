import { createHash, randomBytes } from 'node:crypto'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import type { TestProvider } from '../../src/index.ts'

export const REDIRECT_URI = 'http://localhost:3000/bff/callback'
export const SCOPE = 'openid profile email offline_access orders'

export interface CodeRequest {
  readonly url: string
  readonly verifier: string
  readonly parameters: URLSearchParams
}

export function codeRequest(idp: TestProvider, extra: Record<string, string> = {}): CodeRequest {
  const verifier = randomBytes(32).toString('base64url')
  const parameters = new URLSearchParams({
    client_id: idp.clients.basic.clientId,
    redirect_uri: REDIRECT_URI,
    response_type: 'code',
    scope: SCOPE,
    state: 'the-state',
    nonce: 'the-nonce',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...extra,
  })
  return { url: `${idp.issuer}/auth?${parameters}`, verifier, parameters }
}

export const basic = ({ clientId, clientSecret }: { clientId: string; clientSecret: string }): string =>
  `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Record<string, unknown>
}

export async function post(
  url: string,
  form: Record<string, string> | URLSearchParams,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(url, { method: 'POST', headers, body: new URLSearchParams(form) })
  const text = await response.text()
  const body: unknown = text === '' ? {} : JSON.parse(text)
  if (typeof body !== 'object' || body === null) throw new Error(`not an object: ${text}`)
  return { status: response.status, headers: response.headers, body: { ...body } }
}

export const exchange = (
  idp: TestProvider,
  callback: string,
  verifier: string,
  headers: Record<string, string> = { authorization: basic(idp.clients.basic) },
  extra: Record<string, string> = {},
): Promise<Answer> =>
  post(
    `${idp.issuer}/token`,
    {
      grant_type: 'authorization_code',
      code: new URL(callback).searchParams.get('code') ?? '',
      redirect_uri: REDIRECT_URI,
      code_verifier: verifier,
      ...extra,
    },
    headers,
  )

export const refresh = (
  idp: TestProvider,
  refreshToken: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> =>
  post(
    `${idp.issuer}/token`,
    { grant_type: 'refresh_token', refresh_token: String(refreshToken) },
    { authorization: basic(idp.clients.basic), ...headers },
  )

export interface DpopKey {
  readonly thumbprint: string
  proof(method: string, url: string, claims?: Record<string, string>): Promise<string>
}

export async function dpopKey(): Promise<DpopKey> {
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const jwk: JWK = await exportJWK(publicKey)
  return {
    thumbprint: await calculateJwkThumbprint(jwk),
    proof: (htm, htu, claims = {}) =>
      new SignJWT({ htm, htu, jti: randomBytes(16).toString('base64url'), ...claims })
        .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk })
        .setIssuedAt()
        .sign(privateKey),
  }
}
