import { exportJWK, generateKeyPair, UnsecuredJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { type OidcOptions, oidc } from '../src/index.ts'
import { outcomeOf, signerOf } from './support/option-effects.ts'
import { scripted } from './support/provider-of-the-test.ts'
import { scriptedBff } from './support/scripted-bff.ts'
import { CLIENT, json } from './support/scripted-provider.ts'
import { begin, callback, providerFor, signIn, TOKENS } from './support/sign-in.ts'

/**
 * A provider that misbehaves in the way of each module of the OpenID Foundation's test plans for relying parties, by the
 * module's id. `docs/contribute/conformance.md` says where the other modules are and how to run the official suite.
 */

/** The keys are asked for at most once in this time for tokens of the provider itself. */
const KEYS_MAY_BE_ASKED_AGAIN_MS = 5_000
const OTHER = 'https://other.example.com'
const seconds = () => Math.floor(scripted.clock.now() / 1000)

/** The subject of alice's sign-in, or the code it fails with. */
const signedIn = (setting: {
  options?: Partial<OidcOptions>
  claims?: Record<string, unknown>
  answer?: Record<string, unknown>
  idToken?: (nonce: string) => Promise<string>
}) => outcomeOf(async () => (await signIn(scripted, providerFor(scripted, setting.options), setting)).subject)

const idTokenClaims = (nonce: string) => ({
  iss: scripted.issuer,
  aud: CLIENT.clientId,
  sub: 'alice',
  nonce,
  iat: seconds(),
  exp: seconds() + 300,
})
const unsigned = async (nonce: string) => new UnsecuredJWT(idTokenClaims(nonce)).encode()
const signedBySomebodyElse = async (nonce: string) =>
  scripted.sign(idTokenClaims(nonce), {}, (await generateKeyPair('ES256')).privateKey)
const signedWith = (alg: string) => async (nonce: string) =>
  (await signerOf(scripted, alg))({ aud: CLIENT.clientId, nonce })
const withoutKeyId = (nonce: string) => scripted.sign(idTokenClaims(nonce), { kid: undefined } as never)

function offerUserinfo(claims: Record<string, unknown>): void {
  scripted.metadata['userinfo_endpoint'] = `${scripted.issuer}/userinfo`
  scripted.on('/userinfo', json(200, claims))
}

type Module = readonly [id: string, outcome: string, run: () => Promise<unknown>]

const ID_TOKENS: readonly Module[] = [
  ['oidcc-client-test', 'alice', () => signedIn({})],
  ['oidcc-client-test-invalid-iss', 'login_failed', () => signedIn({ claims: { iss: OTHER } })],
  ['oidcc-client-test-missing-sub', 'login_failed', () => signedIn({ claims: { sub: undefined } })],
  ['oidcc-client-test-invalid-aud', 'login_failed', () => signedIn({ claims: { aud: 'other-app' } })],
  ['oidcc-client-test-missing-iat', 'login_failed', () => signedIn({ claims: { iat: undefined } })],
  ['oidcc-client-test-nonce-invalid', 'login_failed', () => signedIn({ claims: { nonce: 'replayed' } })],
  ['oidcc-client-test-kid-absent-single-jwks', 'alice', () => signedIn({ idToken: withoutKeyId })],
  [
    'oidcc-client-test-kid-absent-multiple-jwks',
    'login_failed',
    async () => {
      const keys = await Promise.all(
        ['a', 'b'].map(async (kid) => ({
          ...(await exportJWK((await generateKeyPair('ES256')).publicKey)),
          ...{ kid, use: 'sig', alg: 'ES256' },
        })),
      )
      scripted.on('/jwks', json(200, { keys }))
      return signedIn({ idToken: withoutKeyId })
    },
  ],
  ['oidcc-client-test-idtoken-sig-rs256', 'alice', () => signedIn({ idToken: signedWith('RS256') })],
  ['oidcc-client-test-idtoken-sig-none', 'login_failed', () => signedIn({ idToken: unsigned })],
  ['oidcc-client-test-invalid-sig-es256', 'login_failed', () => signedIn({ idToken: signedBySomebodyElse })],
  [
    'oidcc-client-test-invalid-sig-rs256',
    'login_failed',
    () => signedIn({ idToken: async (nonce) => tampered(await signedWith('RS256')(nonce)) }),
  ],
  [
    'oidcc-client-test-userinfo-invalid-sub',
    'login_failed',
    () => {
      offerUserinfo({ sub: 'mallory' })
      return signedIn({ options: { userinfo: 'always' } })
    },
  ],
  [
    'oidcc-client-test-scope-userinfo-claims',
    'alice@example.com',
    async () => {
      offerUserinfo({ sub: 'alice', email: 'alice@example.com' })
      const provider = providerFor(scripted, { userinfo: 'always', scope: 'openid email' })
      return (await signIn(scripted, provider)).userInfo?.['email']
    },
  ],
  [
    'oidcc-client-test-client-secret-basic',
    `Basic ${btoa('app:kept%2Dby%2Dthe%2Dserver')}`,
    async () => {
      await signedIn({})
      return scripted.requestsTo('/token').at(-1)?.headers.authorization
    },
  ],
]

const tampered = (jwt: string) =>
  `${jwt.slice(0, -8)}${jwt.slice(-8) === 'AAAAAAAA' ? 'BBBBBBBB' : 'AAAAAAAA'}`

const DISCOVERY: readonly Module[] = [
  [
    'oidcc-client-test-discovery-openid-config',
    '/authorize',
    async () => (await begin(providerFor(scripted))).url.pathname,
  ],
  [
    'oidcc-client-test-discovery-jwks-uri-keys',
    'alice after 1 request for keys',
    async () => `${await signedIn({})} after ${scripted.requestsTo('/jwks').length} request for keys`,
  ],
  [
    'oidcc-client-test-discovery-issuer-mismatch',
    'provider_misconfigured',
    () => {
      scripted.metadata['issuer'] = OTHER
      return outcomeOf(() => begin(providerFor(scripted)))
    },
  ],
  [
    'oidcc-client-test-signing-key-rotation',
    'alice',
    async () => {
      const provider = providerFor(scripted)
      await signIn(scripted, provider)
      scripted.clock.jump(KEYS_MAY_BE_ASKED_AGAIN_MS)
      await scripted.rotateKeys()
      return (await signIn(scripted, provider)).subject
    },
  ],
  [
    'oidcc-client-test-signing-key-rotation-just-before-signing',
    'alice',
    async () => {
      const provider = providerFor(scripted)
      await signIn(scripted, provider)
      scripted.clock.jump(KEYS_MAY_BE_ASKED_AGAIN_MS)
      const idToken = async (nonce: string) => {
        await scripted.rotateKeys()
        return scripted.idToken({ nonce })
      }
      return (await signIn(scripted, provider, { idToken })).subject
    },
  ],
]

/** What alice's session comes to when a refresh brings an ID token of these claims. */
async function refreshed(claims: Record<string, unknown>): Promise<unknown> {
  const { bff, events, session, signIn } = scriptedBff(scripted)
  await signIn()
  const idToken = await scripted.idToken(claims)
  scripted.on('/token', json(200, { ...TOKENS, access_token: 'access-2', id_token: idToken }))
  const refreshed = await outcomeOf(async () => bff.refresh(await session()))
  if (typeof refreshed === 'string') return refreshed
  const mismatch = events.find(({ type }) => type === 'refresh.subject_mismatch')
  return mismatch?.type ?? (refreshed === null ? 'ended' : 'refreshed')
}

const REFRESH: readonly Module[] = [
  ['oidcc-client-test-refresh-token', 'refreshed', () => refreshed({})],
  ['oidcc-client-test-refresh-token-invalid-issuer', 'provider_unavailable', () => refreshed({ iss: OTHER })],
  [
    'oidcc-client-test-refresh-token-invalid-sub',
    'refresh.subject_mismatch',
    () => refreshed({ sub: 'mallory' }),
  ],
  [
    'oidcc-client-test-refresh-token-invalid-aud',
    'provider_unavailable',
    () => refreshed({ aud: 'other-app' }),
  ],
]

const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout'

/** Whom a logout token of these claims signs out, or the code it is refused with. */
async function loggedOut(
  claims: Record<string, unknown>,
  sign: (claims: Record<string, unknown>) => Promise<string> | string = (all) =>
    scripted.sign(all, { typ: 'logout+jwt' }),
): Promise<unknown> {
  const all = {
    iss: scripted.issuer,
    aud: CLIENT.clientId,
    iat: seconds(),
    exp: seconds() + 120,
    jti: 'jti-1',
    sub: 'alice',
    events: { [LOGOUT_EVENT]: {} },
    ...claims,
  }
  const jwt = await sign(JSON.parse(JSON.stringify(all)))
  return outcomeOf(async () => (await providerFor(scripted).verifyLogoutToken(jwt)).subject)
}

const BACKCHANNEL = 'oidcc-client-test-rp-backchannel-rpinitlogout'
const LOGOUT_TOKENS: readonly Module[] = [
  [BACKCHANNEL, 'alice', () => loggedOut({})],
  [
    `${BACKCHANNEL}-alg-none`,
    'bad_request',
    () => loggedOut({}, (claims) => new UnsecuredJWT(claims as never).encode()),
  ],
  [`${BACKCHANNEL}-no-event`, 'bad_request', () => loggedOut({ events: undefined })],
  [`${BACKCHANNEL}-with-nonce`, 'bad_request', () => loggedOut({ nonce: 'n' })],
  [
    `${BACKCHANNEL}-wrong-alg`,
    'bad_request',
    async () => {
      const signES384 = await signerOf(scripted, 'ES384')
      return loggedOut({}, (claims) => signES384(claims, 'logout+jwt'))
    },
  ],
  [`${BACKCHANNEL}-wrong-aud`, 'bad_request', () => loggedOut({ aud: 'other-app' })],
  [`${BACKCHANNEL}-wrong-event`, 'bad_request', () => loggedOut({ events: { [OTHER]: {} } })],
  [`${BACKCHANNEL}-wrong-iss`, 'bad_request', () => loggedOut({ iss: OTHER })],
]

const FAPI = 'fapi2-security-profile-final-client-test'
const key = { privateKeyJwt: { key: (await generateKeyPair('ES256')).privateKey } }

/** Signs alice in under the profile; `arriving` is what the callback brings. */
async function underFapi(
  setting: Parameters<typeof signedIn>[0] & {
    arriving?: Record<string, string> | ((url: URL) => void)
  } = {},
): Promise<unknown> {
  scripted.metadata['pushed_authorization_request_endpoint'] = `${scripted.issuer}/par`
  scripted.on('/par', json(201, { request_uri: 'urn:ietf:params:oauth:request_uri:1', expires_in: 60 }))
  // The profile demands iss, also of a provider that does not announce it.
  delete scripted.metadata['authorization_response_iss_parameter_supported']
  const { issuer, clock } = scripted
  const provider = oidc({ issuer, clock, clientId: CLIENT.clientId, profile: 'fapi2', ...key })
  return outcomeOf(async () => {
    const { nonce, transaction } = await begin(provider)
    const idToken = await (setting.idToken?.(nonce) ?? scripted.idToken({ nonce, ...setting.claims }))
    scripted.on('/token', json(200, { ...TOKENS, token_type: 'DPoP', id_token: idToken, ...setting.answer }))
    const { url, state } = callback(scripted)
    const changed = new URL(url)
    if (typeof setting.arriving === 'function') setting.arriving(changed)
    for (const [name, value] of Object.entries(typeof setting.arriving === 'object' ? setting.arriving : {}))
      changed.searchParams.set(name, value)
    return (await provider.exchange({ url: changed.href, state }, transaction)).subject
  })
}

const FAPI2: readonly Module[] = [
  [`${FAPI}-happy-path-no-dpop-nonce`, 'alice', () => underFapi()],
  [`${FAPI}-valid-aud-as-array`, 'alice', () => underFapi({ claims: { aud: [CLIENT.clientId] } })],
  [`${FAPI}-token-type-case-insensitivity`, 'alice', () => underFapi({ answer: { token_type: 'dPoP' } })],
  [
    `${FAPI}-token-endpoint-response-without-expires_in`,
    'alice',
    () => underFapi({ answer: { expires_in: undefined } }),
  ],
  [
    `${FAPI}-discovery-issuer-mismatch`,
    'provider_misconfigured',
    () => {
      scripted.metadata['issuer'] = OTHER
      return underFapi()
    },
  ],
  [`${FAPI}-invalid-iss`, 'login_failed', () => underFapi({ claims: { iss: OTHER } })],
  [`${FAPI}-invalid-missing-iss`, 'login_failed', () => underFapi({ claims: { iss: undefined } })],
  [`${FAPI}-invalid-aud`, 'login_failed', () => underFapi({ claims: { aud: 'other-app' } })],
  [
    `${FAPI}-invalid-secondary-aud`,
    'login_failed',
    () => underFapi({ claims: { aud: [CLIENT.clientId, 'other-app'] } }),
  ],
  [`${FAPI}-invalid-missing-aud`, 'login_failed', () => underFapi({ claims: { aud: undefined } })],
  [`${FAPI}-invalid-null-alg`, 'login_failed', () => underFapi({ idToken: unsigned })],
  [`${FAPI}-invalid-alternate-alg`, 'login_failed', () => underFapi({ idToken: signedWith('RS256') })],
  [`${FAPI}-invalid-expired-exp`, 'login_failed', () => underFapi({ claims: { exp: seconds() - 360 } })],
  [`${FAPI}-invalid-missing-exp`, 'login_failed', () => underFapi({ claims: { exp: undefined } })],
  [`${FAPI}-invalid-nonce`, 'login_failed', () => underFapi({ claims: { nonce: 'replayed' } })],
  [`${FAPI}-invalid-missing-nonce`, 'login_failed', () => underFapi({ claims: { nonce: undefined } })],
  [
    `${FAPI}-invalid-authorization-response-iss`,
    'login_failed',
    () => underFapi({ arriving: { iss: OTHER } }),
  ],
  [
    `${FAPI}-remove-authorization-response-iss`,
    'login_failed',
    () => underFapi({ arriving: ({ searchParams }) => searchParams.delete('iss') }),
  ],
  [
    `${FAPI}-ensure-authorization-response-with-invalid-state-fails`,
    'login_failed',
    () => underFapi({ arriving: { state: 'another' } }),
  ],
  [
    `${FAPI}-ensure-authorization-response-with-invalid-missing-state-fails`,
    'login_failed',
    () => underFapi({ arriving: ({ searchParams }) => searchParams.delete('state') }),
  ],
]

describe.each([
  ['oidcc-client-basic-certification-test-plan', ID_TOKENS],
  ['oidcc-client-config-certification-test-plan', DISCOVERY],
  ['oidcc-client-refreshtoken-test-plan', REFRESH],
  ['oidcc-client-back-channel-logout-rp-basic', LOGOUT_TOKENS],
  ['fapi2-security-profile-final-client-test-plan', FAPI2],
])('%s', (_plan, modules) => {
  it.each(modules)('%s: %s', async (_id, outcome, run) => {
    expect(await run()).toBe(outcome)
  })
})
