import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { diagnostics } from '../../src/endpoints/index.ts'
import { tokenShape } from '../../src/endpoints/token-shape.ts'
import { jsonOf, request, ScriptedProvider, world } from '../world.ts'

const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const JWT = `${encoded({ alg: 'ES256', typ: 'at+jwt', kid: 'k' })}.${encoded({
  sub: 'alice-secret',
  aud: 'api',
})}.c2ln`

class JwtProvider extends ScriptedProvider {
  override tokens() {
    return { ...super.tokens(), accessToken: JWT, idToken: null }
  }
}

const developing = (origin = 'http://localhost:3000') =>
  world({ origin, plugins: [diagnostics()], provider: new JwtProvider() })

it('shows how the BFF is set up, and who is signed in until when and why', async () => {
  const { browser } = developing()
  const user = browser()
  expect(jsonOf(await user.navigate('/bff/diagnostics'))).toMatchObject({
    configuration: { origin: 'http://localhost:3000', cookieName: 'bff', session: { maxPerUser: 0 } },
    health: { status: 'ok' },
    session: null,
  })
  await user.signIn()
  const { session } = jsonOf(await user.navigate('/bff/diagnostics'))
  expect(session).toMatchObject({
    userId: 'alice',
    providerSessionId: 'sid-1',
    endsFirstBy: 'idle',
    claims: ['iss', 'sub', 'name', 'roles'],
    scope: 'openid orders',
    tokens: {
      accessToken: {
        format: 'jwt',
        length: JWT.length,
        algorithm: 'ES256',
        type: 'at+jwt',
        claims: ['sub', 'aud'],
      },
      refreshToken: { format: 'opaque', length: 'refresh-1'.length },
      idToken: null,
    },
  })
})

it('shows neither token, cookie nor key', async () => {
  const encryptionKeys = [randomBytes(32).toString('base64')]
  const provider = new JwtProvider()
  const { browser } = world({
    origin: 'http://localhost:3000',
    plugins: [diagnostics()],
    provider,
    encryptionKeys,
  })
  const user = browser()
  await user.signIn()
  const { body } = await user.navigate('/bff/diagnostics')
  for (const secret of [
    ...JWT.split('.'),
    'alice-secret',
    'refresh-1',
    user.cookies.get('bff')?.slice(16) ?? '',
    encryptionKeys[0] ?? '',
  ])
    expect(body).not.toContain(secret)
})

it('does not start anywhere but on localhost, unless somebody insists', async () => {
  expect(() => developing('https://app.example.com')).toThrowError(
    expect.objectContaining({ code: 'invalid_config', message: expect.stringContaining('localhost') }),
  )
  const { events, bff } = world({
    plugins: [diagnostics({ dangerouslyServeAnywhere: true, path: '/about' })],
  })
  expect(events).toContainEqual(
    expect.objectContaining({ type: 'config.insecure', option: 'diagnostics.dangerouslyServeAnywhere' }),
  )
  expect((await bff.handle(request('GET', '/about')))?.status).toBe(200)
})

it.each(['', 'a.b.c', 'a.b', `${encoded([])}.${encoded({})}.x`, '🦊.🦊.🦊'])(
  'a token that is no JWT is opaque: %s',
  (token) => {
    expect(tokenShape(token)).toEqual({ format: 'opaque', length: token.length })
  },
)
