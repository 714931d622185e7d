import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type ManualClock, manualClock } from '@bff/test-support/clock'
import { type CryptoKey, exportJWK, generateKeyPair, type JWTHeaderParameters, SignJWT } from 'jose'

export interface Received {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly form: URLSearchParams
}

export type Answer = (response: ServerResponse, request: Received) => void | Promise<void>

/** A provider on loopback that answers whatever the test tells it to. */
export interface ScriptedProvider {
  readonly issuer: string
  readonly clock: ManualClock
  /** Served as discovery metadata; change it to lie. */
  readonly metadata: Record<string, unknown>
  /** Answers requests to `path`; the answers given are used in turn, the last one for ever. */
  on(path: string, ...answers: Answer[]): void
  /** Requests to `path` so far. */
  requestsTo(path: string): Received[]
  /** Resolves once `path` was requested `count` times in all. */
  received(path: string, count?: number): Promise<void>
  /** A signed id token for nonce and client of the test; `undefined` leaves a claim out. */
  idToken(claims?: Record<string, unknown>): Promise<string>
  sign(
    claims: Record<string, unknown>,
    header?: Partial<JWTHeaderParameters>,
    key?: CryptoKey,
  ): Promise<string>
  /** Publishes a new signing key in place of the old, under a name of its own or under the same. */
  rotateKeys(options?: { readonly sameName?: boolean }): Promise<void>
  close(): Promise<void>
}

export const CLIENT = { clientId: 'app', clientSecret: 'kept-by-the-server' }

export const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Answer =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
  }

export const text =
  (status: number, type: string, body: string, headers: Record<string, string> = {}): Answer =>
  (response) => {
    response.writeHead(status, { 'content-type': type, ...headers }).end(body)
  }

/** An answer that names no media type. */
export const bare =
  (status: number, body: string, headers: Record<string, string> = {}): Answer =>
  (response) => {
    response.writeHead(status, headers).end(body)
  }

export const hang: Answer = () => {}
export const reset: Answer = (response) => {
  response.socket?.resetAndDestroy()
}

export async function scriptedProvider(): Promise<ScriptedProvider> {
  const clock = manualClock(Date.UTC(2031, 4, 1))
  const scripts = new Map<string, Answer[]>()
  const log: Received[] = []
  const waiting = new Set<() => void>()
  let issuer = ''
  let signing = await freshKey()

  const server = createServer(async (incoming, response) => {
    const body: Buffer[] = []
    for await (const chunk of incoming) body.push(chunk)
    const request: Received = {
      method: incoming.method ?? '',
      path: new URL(incoming.url ?? '/', issuer).pathname,
      headers: incoming.headers,
      form: new URLSearchParams(Buffer.concat(body).toString()),
    }
    log.push(request)
    for (const check of [...waiting]) check()
    const script = scripts.get(request.path) ?? []
    const answer = script.length > 1 ? script.shift() : script[0]
    await (answer ?? text(404, 'text/plain', 'nothing here'))(response, request)
  })
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
  issuer = `http://127.0.0.1:${port}`

  const metadata: Record<string, unknown> = {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/jwks`,
    revocation_endpoint: `${issuer}/revoke`,
    end_session_endpoint: `${issuer}/logout`,
    response_types_supported: ['code'],
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
  }
  const requestsTo = (path: string) => log.filter((request) => request.path === path)
  const seconds = () => Math.floor(clock.now() / 1000)
  const sign: ScriptedProvider['sign'] = (claims, header = {}, key = signing.privateKey) =>
    new SignJWT(JSON.parse(JSON.stringify(claims)))
      .setProtectedHeader({ alg: 'ES256', kid: signing.kid, ...header })
      .sign(key)

  scripts.set('/.well-known/openid-configuration', [
    (response, request) => json(200, metadata)(response, request),
  ])
  scripts.set('/jwks', [(response, request) => json(200, { keys: [signing.publicJwk] })(response, request)])

  return {
    issuer,
    clock,
    metadata,
    on: (path, ...answers) => {
      scripts.set(path, answers)
    },
    requestsTo,
    received: (path, count = 1) =>
      new Promise((resolve) => {
        const check = () => {
          if (requestsTo(path).length < count) return
          waiting.delete(check)
          resolve()
        }
        waiting.add(check)
        check()
      }),
    idToken: (claims = {}) =>
      sign({
        iss: issuer,
        aud: CLIENT.clientId,
        sub: 'alice',
        iat: seconds(),
        exp: seconds() + 300,
        ...claims,
      }),
    sign,
    rotateKeys: async ({ sameName = false } = {}) => {
      signing = await freshKey(sameName ? signing.kid : undefined)
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

let keysMade = 0

async function freshKey(kid = `key-${++keysMade}`) {
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  return { kid, privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, use: 'sig', alg: 'ES256' } }
}
