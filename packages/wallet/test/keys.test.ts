import { createSign } from 'node:crypto'
import { manualClock } from '@bff/test-support/clock'
import { exportJWK, exportSPKI, generateKeyPair, importPKCS8, SignJWT, UnsecuredJWT } from 'jose'
import { expect, it } from 'vitest'
import { wallet } from '../src/index.ts'
import { signingKeyPem } from './support/keys.ts'
import { bearer, jsonOf, ORIGIN, outcomeOf, world } from './support/world.ts'

async function jwkOf(pem: string) {
  return exportJWK(await importPKCS8(pem, 'ES256', { extractable: true }))
}

it('keys rotate with overlap: published, then signing, then only verifying, then gone [JWT-08]', async () => {
  const [old, fresh] = [await signingKeyPem(), await signingKeyPem()]
  const { d: _, ...oldPublic } = await jwkOf(old)
  const clock = manualClock()
  const before = await world({ keys: [old], clock })
  const { store } = before
  const stages = []
  for (const keys of [[old, fresh], [fresh, old], [fresh, oldPublic], [fresh]])
    stages.push(await world({ keys, clock, bff: { store } }))
  const [announced, signing, verifying, gone] = stages
  if (!announced || !signing || !verifying || !gone) throw new Error('no stages')

  const { access_token: early } = await before.signIn()
  const { access_token: later } = await signing.signIn()
  const good = (at: typeof before, token: string) =>
    at.send('/api/me', bearer(token)).then(({ status }) => status)
  expect(await Promise.all([announced, signing, verifying, gone].map((at) => good(at, early)))).toEqual([
    200, 200, 200, 401,
  ])
  // Instances that restarted first must not sign with what others do not know yet.
  expect(await good(announced, later)).toBe(200)
  expect(await good(before, later)).toBe(401)
  expect(outcomeOf(await gone.send('/api/me', bearer(early)))).toBe('401 invalid token')
})

it('takes PEM and JWK, and names a key as its JWK does', async () => {
  const pem = await signingKeyPem()
  const jwk = await jwkOf(pem)
  const { publicKey } = await generateKeyPair('ES256', { extractable: true })
  const { send, signIn } = await world({ keys: [{ ...jwk, kid: 'mine' }, await exportSPKI(publicKey)] })
  await signIn()
  const published = jsonOf(await send('/.well-known/jwks.json'))['keys']
  expect(published).toMatchObject([{ kid: 'mine' }, { kid: expect.stringMatching(/^[\w-]{43}$/) }])
  expect(JSON.stringify(published)).not.toContain('"d"')
})

it('accepts no token of another algorithm, key, issuer or kind [JWT-01, JWT-02, flaw 42]', async () => {
  const pem = await signingKeyPem()
  const { signIn, send } = await world({ keys: [pem] })
  const { access_token } = await signIn()
  const [head = '', body = ''] = access_token.split('.')
  const header = JSON.parse(Buffer.from(head, 'base64url').toString())
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString())
  const key = await importPKCS8(pem, 'ES256')
  const other = await generateKeyPair('ES256', { extractable: true })
  const sign = (protectedHeader: object, payload = claims, signer: CryptoKey | Uint8Array = key) =>
    new SignJWT(payload).setProtectedHeader({ ...header, ...protectedHeader }).sign(signer)
  const without = (name: string) =>
    sign({}, Object.fromEntries(Object.entries(claims).filter(([claim]) => claim !== name)))
  const secret = new TextEncoder().encode(pem)
  const der = createSign('sha256').update(`${head}.${body}`).sign(pem)

  expect(outcomeOf(await send('/api/me', bearer(await sign({}))))).toBe('200')
  const forgeries: Readonly<Record<string, string | Promise<string>>> = {
    'no algorithm': new UnsecuredJWT(claims).encode(),
    HS256: sign({ alg: 'HS256' }, claims, secret),
    'another key under our kid': sign({}, claims, other.privateKey),
    'another key under its own kid': sign({ kid: 'theirs' }, claims, other.privateKey),
    'a key it brings along': sign(
      { kid: 'theirs', jwk: await exportJWK(other.publicKey), jku: 'https://evil.example.com' },
      claims,
      other.privateKey,
    ),
    'no kid': sign({ kid: undefined }),
    'no typ': sign({ typ: undefined }),
    'typ JWT': sign({ typ: 'JWT' }),
    'a signature in DER': `${head}.${body}.${der.toString('base64url')}`,
    'another issuer': sign({}, { ...claims, iss: 'https://evil.example.com' }),
    'several audiences': sign({}, { ...claims, aud: ['session:access', 'session:refresh'] }),
    'a refresh token’s audience': sign({}, { ...claims, aud: 'session:refresh' }),
    'a time to come': sign({}, { ...claims, nbf: claims.nbf + 6 }),
    'an end as text': sign({}, { ...claims, exp: String(claims.exp) }),
    'no address': sign({}, { ...claims, sub: 'alice' }),
    'more than 8 KiB': sign({}, { ...claims, more: 'x'.repeat(8192) }),
    ...Object.fromEntries(
      ['iss', 'aud', 'sub', 'exp', 'nbf', 'iat', 'jti', 'rid', 'sid'].map((name) => [
        `no ${name}`,
        without(name),
      ]),
    ),
  }
  for (const [name, token] of Object.entries(forgeries))
    expect((await send('/api/me', bearer(await token))).status, name).toBe(401)
})

it('every signature has its 64 bytes, leading zeros or not [flaw 42]', async () => {
  const { signIn, post } = await world()
  let { refresh_token } = await signIn()
  for (let round = 0; round < 300; round++) {
    const reply = await post('/auth/refresh', { refresh_token })
    const pair = jsonOf(reply)
    refresh_token = String(pair['refresh_token'])
    for (const token of [refresh_token, String(pair['access_token'])])
      expect(Buffer.from(token.split('.')[2] ?? '', 'base64url')).toHaveLength(64)
  }
})

it('generates a key in development only, and announces it [flaw 43]', async () => {
  const { events, signIn } = await world({ keys: [], bff: { origin: 'http://localhost:3000' } })
  expect(events).toContainEqual(expect.objectContaining({ type: 'config.insecure', option: 'wallet.keys' }))
  await signIn()
  await expect(world({ keys: [] })).rejects.toMatchObject({ code: 'invalid_config' })
})

it('refuses options it does not understand, naming them and no secret', async () => {
  const pem = await signingKeyPem()
  const sec1 = '-----BEGIN EC PRIVATE KEY-----\nc2VjcmV0\n-----END EC PRIVATE KEY-----'
  const rsa = await generateKeyPair('RS256', { extractable: true })
  const jwk = await jwkOf(pem)
  const contract = '0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC'
  const cases: ReadonlyArray<readonly [object, RegExp]> = [
    [{ keys: [''] }, /^Key 1 of keys is empty\. Set it, or its environment variable\.$/],
    [{ keys: [undefined] }, /^Key 1 of keys is missing\./],
    [{ keys: ['secret'] }, /^Key 1 of keys must be a P-256 key/],
    [{ keys: [pem, 'secret'] }, /^Key 2 of keys/],
    [{ keys: [sec1] }, /SEC 1 form.*openssl pkcs8/],
    [{ keys: [{ ...jwk, d: undefined }] }, /^Key 1 of keys/],
    [{ keys: [{ ...jwk, crv: 'P-384' }] }, /^Key 1 of keys/],
    [{ keys: [await exportJWK(rsa.privateKey)] }, /^Key 1 of keys/],
    [{ chainIds: [] }, /chainIds/],
    [{ chainIds: [0] }, /chainIds/],
    [{ chainIds: [1.5] }, /chainIds/],
    [{ statement: 'one\nURI: https://evil.example.com' }, /statement/],
    [{ uri: '/relative' }, /uri must be an absolute URL/],
    [{ bff: { origin: 'https://intranet' } }, /no message for the domain intranet/],
    [{ tokens: 'both' }, /tokens must be one of: cookie, client/],
    [{ accessTokenLifeMs: 600_001 }, /accessTokenLifeMs must be a number from 1000 to 600000/],
    [{ challengeLifeMs: 300_001 }, /challengeLifeMs/],
    [{ reuseGraceMs: -1 }, /reuseGraceMs/],
    [{ clockToleranceMs: 60_001 }, /clockToleranceMs/],
    [{ paths: { auth: 'auth' } }, /paths.auth/],
    [{ paths: { auth: '/auth/' } }, /paths.auth/],
    [{ typedData: { name: 'x', version: '1', verifyingContract: '0x1' } }, /verifyingContract/],
    [{ typedData: { name: '', version: '1', verifyingContract: contract } }, /typedData.name/],
    [{ contractWallets: { rpcUrl: 'http://node.example.com' } }, /must use https/],
    [{ contractWallets: { rpcUrl: 'https://node.example.com', chainId: 5 } }, /chainId must be one of/],
    [{ contractWallets: { rpcUrl: 'https://node.example.com', timeoutMs: 1 } }, /timeoutMs/],
  ]
  for (const [options, message] of cases) {
    const failure: unknown = await world(options).catch((error: unknown) => error)
    expect(failure, String(message)).toMatchObject({
      code: 'invalid_config',
      message: expect.stringMatching(message),
    })
    expect(String(failure)).not.toContain('secret')
    expect(String(failure)).not.toContain('c2VjcmV0')
  }
  for (const [options, message] of [
    ['{"chainIDs":[1]}', /Unknown option chainIDs of wallet/],
    ['{"typedData":{"chainID":1}}', /Unknown option chainID of wallet: typedData/],
    ['{"paths":{"keys":"/k"}}', /Unknown option keys of wallet: paths/],
    ['{"contractWallets":{"rpcURL":"https://n"}}', /Unknown option rpcURL of wallet: contractWallets/],
  ] as const)
    expect(() => wallet(JSON.parse(options))).toThrow(message)
})

it('says at the first token that a key is none, without quoting it', async () => {
  const broken = '-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----'
  const { post, events } = await world({ keys: [broken] })
  expect(outcomeOf(await post('/auth/challenge'))).toBe('500 failed to create challenge')
  expect(events.at(-1)).toMatchObject({ type: 'request.failed', code: 'invalid_config' })
  expect(JSON.stringify(events)).not.toContain('c2VjcmV0')
})

it('one wallet is of one BFF', async () => {
  const { bff } = await world()
  expect(bff).toBeDefined()
  const ethereum = wallet({ keys: [await signingKeyPem()], tokens: 'client' })
  await world({ bff: { plugins: [ethereum] } })
  await expect(world({ bff: { plugins: [ethereum], origin: ORIGIN } })).rejects.toThrow(/belongs to one BFF/)
})
