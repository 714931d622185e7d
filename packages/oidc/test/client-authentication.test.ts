import { execFileSync } from 'node:child_process'
import { createHash, sign as cryptoSign, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { jwtVerify } from 'jose'
import { Agent, fetch as undiciFetch } from 'undici'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Fetch, type OidcOptions, oidc, type SigningAlgorithm } from '../src/index.ts'
import { failureOf } from './support/failure.ts'
import { scripted } from './support/provider-of-the-test.ts'
import { json } from './support/scripted-provider.ts'
import { refreshRequest, TOKENS } from './support/sign-in.ts'

const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

const providerWith = (options: Partial<OidcOptions>) =>
  oidc({ issuer: scripted.issuer, clock: scripted.clock, clientId: 'app', ...options })

/** Refreshes once and returns what the token endpoint got. */
async function proofOf(provider: ReturnType<typeof providerWith>) {
  scripted.on('/token', json(200, TOKENS))
  await provider.refresh(refreshRequest())
  const sent = scripted.requestsTo('/token').at(-1)
  expect(sent?.headers.authorization).toBeUndefined()
  expect(sent?.form.has('client_secret')).toBe(false)
  expect(sent?.form.get('client_id')).toBe('app')
  return { type: sent?.form.get('client_assertion_type'), assertion: sent?.form.get('client_assertion') }
}

function folderOfTheTest(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bff-proof-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

describe('clientAssertion', () => {
  it('sends a projected token as it is now, also after it was replaced while refreshes run', async () => {
    const file = join(folderOfTheTest(), 'token')
    writeFileSync(file, 'projected-0\n')
    const provider = providerWith({ clientAssertion: () => readFile(file, 'utf8') })
    expect(await proofOf(provider)).toEqual({ type: JWT_BEARER, assertion: 'projected-0' })

    for (let round = 1; round <= 8; round++) {
      const before = Promise.all(Array.from({ length: 5 }, () => proofOf(provider)))
      // As the kubelet does: a new file takes the old one's place.
      writeFileSync(`${file}.new`, `projected-${round}\n`)
      renameSync(`${file}.new`, file)
      expect((await proofOf(provider)).assertion).toBe(`projected-${round}`)
      await before
    }
    const sent = new Set(scripted.requestsTo('/token').map(({ form }) => form.get('client_assertion')))
    expect([...sent].every((assertion) => /^projected-\d+$/.test(String(assertion)))).toBe(true)
  })

  it('sends the type of an assertion that is no plain JWT', async () => {
    const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-spiffe'
    const provider = providerWith({ clientAssertion: async () => ({ assertion: 'svid', type }) })
    expect(await proofOf(provider)).toEqual({ type, assertion: 'svid' })
  })

  it('keeps the session when there is none: nothing is sent, and the cause is named', async () => {
    const missing = join(folderOfTheTest(), 'missing')
    const unreadable = providerWith({ clientAssertion: () => readFile(missing, 'utf8') })
    const error = await failureOf(unreadable.refresh(refreshRequest()))
    expect(error.code).toBe('provider_unavailable')
    expect(error.message).toContain('clientAssertion failed')
    expect(String(error.cause)).toContain('ENOENT')
    for (const nothing of ['', ' \n', undefined, null, { assertion: 'x' }, { type: 'x' }, 7]) {
      const empty = providerWith({ clientAssertion: (() => nothing) as () => string })
      expect(await failureOf(empty.refresh(refreshRequest()))).toMatchObject({
        code: 'provider_unavailable',
        message: expect.stringContaining('clientAssertion returned no assertion'),
      })
    }
    expect(scripted.requestsTo('/token')).toEqual([])
  })

  it('is waited for until the deadline of the operation', async () => {
    let asked = () => {}
    const begun = new Promise<void>((resolve) => {
      asked = resolve
    })
    const provider = providerWith({
      clientAssertion: () => {
        asked()
        return new Promise(() => {})
      },
    })
    const refusal = failureOf(provider.refresh(refreshRequest()))
    await begun
    scripted.clock.jump(10_000)
    expect(await refusal).toMatchObject({ code: 'provider_unavailable' })
  })
})

describe('a private key that another system keeps', () => {
  const KEYS: readonly (readonly [
    SigningAlgorithm,
    () => { privateKey: KeyObject; publicKey: KeyObject },
  ])[] = [
    ['ES256', () => generateKeyPairSync('ec', { namedCurve: 'P-256' })],
    ['ES384', () => generateKeyPairSync('ec', { namedCurve: 'P-384' })],
    ['ES512', () => generateKeyPairSync('ec', { namedCurve: 'P-521' })],
    ['RS256', () => generateKeyPairSync('rsa', { modulusLength: 2048 })],
    ['EdDSA', () => generateKeyPairSync('ed25519')],
  ]
  const HASHES: Readonly<Record<string, string>> = {
    ES256: 'sha256',
    ES384: 'sha384',
    ES512: 'sha512',
    RS256: 'sha256',
  }

  /** The longest DER signature in which one of the numbers is a byte shorter than others. */
  const SHORT_DER: Readonly<Record<string, number>> = { ES256: 69, ES512: 138 }

  it.each(
    KEYS.flatMap(([alg, generate]) =>
      (['der', 'ieee-p1363'] as const).map((dsaEncoding) => [alg, dsaEncoding, generate] as const),
    ),
  )('signs with %s in %s', async (alg, dsaEncoding, generate) => {
    const { privateKey, publicKey } = generate()
    const signed = (data: Uint8Array) =>
      new Uint8Array(cryptoSign(HASHES[alg] ?? null, data, { key: privateKey, dsaEncoding }))
    const shortLength = dsaEncoding === 'der' ? SHORT_DER[alg] : undefined
    let rounds = 0
    const sign = async (data: Uint8Array) => {
      rounds += 1
      let bytes = signed(data)
      // One with a number that begins with zero, which DER writes shorter.
      while (rounds === 3 && shortLength !== undefined && bytes.length > shortLength) bytes = signed(data)
      return bytes
    }
    const provider = providerWith({ privateKeyJwt: { key: { alg, sign }, kid: 'kms-1' } })
    for (let round = 0; round < 3; round++) {
      const { type, assertion } = await proofOf(provider)
      expect(type).toBe(JWT_BEARER)
      const { payload, protectedHeader } = await jwtVerify(String(assertion), publicKey, {
        currentDate: new Date(scripted.clock.now()),
        issuer: 'app',
        subject: 'app',
        audience: scripted.issuer,
      })
      expect(protectedHeader).toEqual({ alg, kid: 'kms-1' })
      expect(payload.aud).toBe(scripted.issuer)
      expect(Number(payload.exp) - Number(payload.iat)).toBe(60)
    }
    const ids = scripted.requestsTo('/token').map(({ form }) => form.get('client_assertion'))
    expect(new Set(ids).size).toBe(3)
  })

  it.each([
    ['a system that is down', () => Promise.reject(new TypeError('secret detail')), 'sign failed'],
    ['no bytes', async () => 'signature', 'no Uint8Array'],
    ['bytes of another algorithm', async () => new Uint8Array(256), 'no signature for ES256'],
    [
      'half a DER signature',
      async () => Uint8Array.of(0x30, 0x06, 0x02, 0x01, 0x01),
      'no signature for ES256',
    ],
    ['nothing', async () => new Uint8Array(), 'no signature for ES256'],
    [
      'more than a DER signature',
      async () => Uint8Array.of(0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01, 0x00),
      'no signature for ES256',
    ],
  ])('keeps the session at %s', async (_what, sign, message) => {
    const provider = providerWith({
      privateKeyJwt: { key: { alg: 'ES256', sign: sign as () => Promise<Uint8Array> } },
    })
    const error = await failureOf(provider.refresh(refreshRequest()))
    expect(error.code).toBe('provider_unavailable')
    expect(error.message).toContain(message)
    expect(`${error.message} ${error.cause}`).not.toContain('secret detail')
    expect(scripted.requestsTo('/token')).toEqual([])
  })
})

describe('tlsClientAuth', () => {
  it('authenticates with its certificate, at the address that asks for one', async () => {
    const [server, client] = [certificate('localhost'), certificate('orders')]
    const seen: { path: string; subject: string; body: string }[] = []
    const mutual = createServer(
      { ...server, ca: client.cert, requestCert: true, rejectUnauthorized: true },
      async (request, response) => {
        let body = ''
        for await (const chunk of request) body += chunk
        const { subject } = (request.socket as TLSSocket).getPeerCertificate()
        seen.push({ path: String(request.url), subject: String(subject.CN), body })
        response.writeHead(200, { 'content-type': 'application/json' })
        response.end(request.url === '/mtls/token' ? JSON.stringify(TOKENS) : '')
      },
    )
    await new Promise<void>((resolve) => mutual.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      mutual.closeAllConnections()
      mutual.close()
    })
    const base = `https://localhost:${(mutual.address() as AddressInfo).port}/mtls`
    scripted.metadata['mtls_endpoint_aliases'] = {
      token_endpoint: `${base}/token`,
      revocation_endpoint: `${base}/revoke`,
    }

    const provider = providerWith({ tlsClientAuth: true, fetch: fetchWith({ ...client, ca: server.cert }) })
    expect((await provider.refresh(refreshRequest())).accessToken).toBe(TOKENS.access_token)
    await provider.revoke({ token: 'refresh-1', hint: 'refresh_token', dpopKeyPair: null, issuer: null })
    expect(seen.map(({ path, subject }) => [path, subject])).toEqual([
      ['/mtls/token', 'orders'],
      ['/mtls/revoke', 'orders'],
    ])
    for (const { body } of seen) {
      expect(new URLSearchParams(body).get('client_id')).toBe('app')
      expect(body).not.toMatch(/client_secret|client_assertion/)
    }

    const withoutCertificate = providerWith({ tlsClientAuth: true, fetch: fetchWith({ ca: server.cert }) })
    expect(await failureOf(withoutCertificate.refresh(refreshRequest()))).toMatchObject({
      code: 'provider_unavailable',
    })
    expect(seen).toHaveLength(2)
  })

  it('has tokens bound to a certificate beside another authentication, and an API takes them with it only', async () => {
    const [server, client, stranger] = [
      certificate('localhost'),
      certificate('orders'),
      certificate('stranger'),
    ]
    const seen: URLSearchParams[] = []
    const mutual = createServer(
      { ...server, ca: [client.cert, stranger.cert], requestCert: true, rejectUnauthorized: true },
      async (request, response) => {
        let body = ''
        for await (const chunk of request) body += chunk
        const { raw } = (request.socket as TLSSocket).getPeerCertificate()
        const cnf = createHash('sha256').update(raw).digest('base64url')
        if (request.url === '/api') {
          const bound = request.headers.authorization === `Bearer bound-to-${cnf}`
          return void response.writeHead(bound ? 200 : 401).end()
        }
        seen.push(new URLSearchParams(body))
        response.writeHead(200, { 'content-type': 'application/json' })
        response.end(JSON.stringify({ ...TOKENS, access_token: `bound-to-${cnf}` }))
      },
    )
    await new Promise<void>((resolve) => mutual.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      mutual.closeAllConnections()
      mutual.close()
    })
    const base = `https://localhost:${(mutual.address() as AddressInfo).port}`
    scripted.metadata['mtls_endpoint_aliases'] = { token_endpoint: `${base}/token` }
    const asOrders = fetchWith({ ...client, ca: server.cert })
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const key = { ...privateKey.export({ format: 'jwk' }), alg: 'ES256' }
    const provider = providerWith({ privateKeyJwt: { key }, certificateBoundTokens: true, fetch: asOrders })

    const { accessToken } = await provider.refresh(refreshRequest())
    expect(seen[0]?.get('client_assertion_type')).toBe(JWT_BEARER)
    expect(seen[0]?.has('client_secret')).toBe(false)
    const call = async (fetch: Fetch) =>
      (await fetch(`${base}/api`, { headers: { authorization: `Bearer ${accessToken}` } } as never)).status
    expect(await call(asOrders)).toBe(200)
    expect(await call(fetchWith({ ...stranger, ca: server.cert }))).toBe(401)

    expect(() => providerWith({ privateKeyJwt: { key }, certificateBoundTokens: true })).toThrow(
      expect.objectContaining({ code: 'invalid_config' }),
    )
  })

  it('goes to no alias that is less secure than the issuer', async () => {
    const issuer = 'https://id.example.com'
    const fetch: Fetch = async () =>
      Response.json({
        ...scripted.metadata,
        issuer,
        token_endpoint: `${issuer}/token`,
        authorization_endpoint: `${issuer}/authorize`,
        jwks_uri: `${issuer}/jwks`,
        revocation_endpoint: `${issuer}/revoke`,
        end_session_endpoint: `${issuer}/logout`,
        mtls_endpoint_aliases: { token_endpoint: 'http://id.example.com/token' },
      })
    const provider = providerWith({ issuer, tlsClientAuth: true, fetch })
    expect(await failureOf(provider.refresh(refreshRequest()))).toMatchObject({
      code: 'provider_misconfigured',
      message: expect.stringContaining('token_endpoint'),
    })
  })
})

function certificate(name: string) {
  const folder = folderOfTheTest()
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  const names = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`]
  execFileSync('openssl', ['req', '-x509', ...kind, ...names, '-keyout', key, '-out', cert], {
    stdio: 'ignore',
  })
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
}

/** The platform's `fetch` with a certificate of its own, as the guide shows it. */
function fetchWith(connect: { key?: string; cert?: string; ca: string }): Fetch {
  const dispatcher = new Agent({ connect })
  onTestFinished(() => dispatcher.destroy())
  return async (url, { method, headers, body, redirect, signal }) => {
    const answer = await undiciFetch(url, {
      dispatcher,
      method: method ?? 'GET',
      headers: new Headers(headers) as never,
      body: typeof body === 'string' ? body : null,
      redirect: redirect ?? 'manual',
      signal: signal ?? null,
    })
    return answer as unknown as Response
  }
}
