import { createHash, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'

export const SCOPE = 'openid orders'

export interface TestIssuer {
  readonly origin: string
  /** Turns the metadata and the keys into a 503 and back. */
  down: boolean
  /** An access token; `claims` set to `undefined` are left out. */
  token(claims?: Record<string, unknown>, header?: { typ?: string; alg?: string }): Promise<string>
  close(): Promise<void>
}

/** An issuer with one key that answers for its metadata and its keys only. */
export async function startIssuer(audience: () => string, now: () => number): Promise<TestIssuer> {
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256', use: 'sig' }
  const server = createServer((request, response) => {
    if (issuer.down) {
      response.writeHead(503).end('<!doctype html>')
      return
    }
    const body =
      request.url === '/jwks' ? { keys: [jwk] } : { issuer: issuer.origin, jwks_uri: `${issuer.origin}/jwks` }
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const issuer: TestIssuer = {
    origin: `http://localhost:${port}`,
    down: false,
    token: (claims = {}, header = {}) => {
      const seconds = Math.floor(now() / 1000)
      const standard = { iss: issuer.origin, aud: audience(), sub: 'alice', scope: SCOPE }
      return new SignJWT({ ...standard, iat: seconds, exp: seconds + 60, ...claims })
        .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'k1', ...header })
        .sign(privateKey)
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return issuer
}

export interface ProofClaims extends JWTPayload {
  readonly htm?: string
  readonly htu?: string
  readonly ath?: string
  readonly nonce?: string
}

export interface ProofKey {
  readonly thumbprint: string
  proof(token: string, claims: ProofClaims, typ?: string): Promise<string>
}

export async function proofKey(now: () => number): Promise<ProofKey> {
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const jwk = await exportJWK(publicKey)
  return {
    thumbprint: await calculateJwkThumbprint(jwk),
    proof: (token, claims, typ = 'dpop+jwt') =>
      new SignJWT({
        jti: randomBytes(16).toString('base64url'),
        iat: Math.floor(now() / 1000),
        ath: createHash('sha256').update(token).digest('base64url'),
        htm: 'GET',
        ...claims,
      })
        .setProtectedHeader({ alg: 'ES256', typ, jwk })
        .sign(privateKey),
  }
}

export const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` })

export const dpop = (token: string, proof: string): Record<string, string> => ({
  authorization: `DPoP ${token}`,
  dpop: proof,
})
