import { testOptions } from '@bff/test-support/options'
import {
  type BackchannelLogoutOptions,
  backchannelLogout,
  type DiagnosticsOptions,
  diagnostics,
  type FrontchannelLogoutOptions,
  frontchannelLogout,
  type HealthEndpointOptions,
  healthEndpoint,
  type SessionEndpointsOptions,
  type SignInParametersOptions,
  type SilentLoginOptions,
  sessionEndpoints,
  signInParameters,
  silentLogin,
} from '../../src/endpoints/index.ts'
import { type BffConfig, isBffError, type LogoutTokenClaims, type PluginFactory } from '../../src/index.ts'
import { headerOf, jsonOf, request, world } from '../world.ts'

const ISSUER = 'https://idp.example.com'

/** The status of a GET at each target; `undefined` where the BFF has nothing. */
async function statusesAt(
  targets: readonly string[],
  plugin: PluginFactory,
  config: Partial<BffConfig> = {},
) {
  const { bff } = world({ ...config, plugins: [plugin] })
  return Promise.all(targets.map(async (target) => (await bff.handle(request('GET', target)))?.status))
}

/** The provider logs alice out, who is signed in twice: the status it gets, and how many of her sessions are left. */
async function loggedOut(
  options: BackchannelLogoutOptions,
  about: { readonly sid?: string; readonly secondsAgo?: number },
  path = '/bff/backchannel-logout',
) {
  const { bff, browser, clock, provider } = world({ plugins: [backchannelLogout(options)] })
  for (const sid of ['sid-1', 'sid-2']) {
    provider.sid = sid
    await browser().signIn()
  }
  const now = clock.now() / 1000
  provider.onLogoutToken = (): LogoutTokenClaims => ({
    issuer: ISSUER,
    subject: 'alice',
    providerSessionId: about.sid ?? null,
    jti: 'jti-1',
    issuedAt: now - (about.secondsAgo ?? 0),
    expiresAt: now + 120,
  })
  const call = request('POST', path, { 'content-type': 'application/x-www-form-urlencoded' })
  const reply = await bff.handle({ ...call, body: () => new Blob(['logout_token=t']).stream() })
  return { status: reply?.status, left: await bff.sessions.countActive({ userId: 'alice' }) }
}

testOptions<BackchannelLogoutOptions>('BackchannelLogoutOptions', {
  path: {
    set: '/hooks/logged-out',
    see: async (options) => [
      (await loggedOut(options, {})).status,
      (await loggedOut(options, {}, '/hooks/logged-out')).status,
    ],
    shows: [
      [200, undefined],
      [404, 200],
    ],
  },
  allSessions: {
    set: true,
    see: async (options) => (await loggedOut(options, { sid: 'sid-1' })).left,
    shows: [1, 0],
  },
  clockToleranceMs: {
    set: 60_000,
    see: async (options) => {
      const leftBy = async (secondsAgo: number) => (await loggedOut(options, { secondsAgo })).left
      return [await leftBy(30), await leftBy(31), await leftBy(60), await leftBy(61)]
    },
    shows: [
      [0, 2, 2, 2],
      [0, 0, 0, 2],
    ],
  },
})

/** Who may show the frame in which the provider ends the session, at each path; `undefined` where the BFF has nothing. */
async function framers(options: FrontchannelLogoutOptions, paths = ['/bff/frontchannel-logout']) {
  const { browser, provider } = world({ plugins: [frontchannelLogout(options)] })
  provider.sid = 'sid-1'
  const signedIn = browser()
  await signedIn.signIn()
  const policies: unknown[] = []
  for (const path of paths) {
    const reply = await signedIn.fetch('GET', `${path}?iss=${ISSUER}&sid=sid-1`).catch(() => null)
    const policy = reply?.status === 200 ? headerOf(reply, 'content-security-policy') : undefined
    policies.push(/frame-ancestors (.+)$/.exec(policy ?? '')?.[1])
  }
  return policies
}

testOptions<FrontchannelLogoutOptions>('FrontchannelLogoutOptions', {
  path: {
    set: '/framed',
    see: (options) => framers(options, ['/framed', '/bff/frontchannel-logout']),
    shows: [
      [undefined, ISSUER],
      [ISSUER, undefined],
    ],
  },
  providerOrigins: {
    set: ['https://logout.example.com'],
    see: (options) => framers(options),
    shows: [[ISSUER], ['https://logout.example.com']],
  },
})

testOptions<DiagnosticsOptions>('DiagnosticsOptions', {
  path: {
    set: '/about',
    see: (options) =>
      statusesAt(['/bff/diagnostics', '/about'], diagnostics(options), { origin: 'http://localhost:3000' }),
    shows: [
      [200, undefined],
      [404, 200],
    ],
  },
  dangerouslyServeAnywhere: {
    set: true,
    see: (options) =>
      statusesAt(['/bff/diagnostics'], diagnostics(options)).catch(
        (error: unknown) => isBffError(error) && error.code,
      ),
    shows: ['invalid_config', [200]],
  },
})

testOptions<HealthEndpointOptions>('HealthEndpointOptions', {
  path: {
    set: '/healthz',
    see: (options) => statusesAt(['/bff/health', '/healthz'], healthEndpoint(options)),
    shows: [
      [200, undefined],
      [404, 200],
    ],
  },
})

/** A browser of alice's, who has 60 sessions. */
async function signedIn(options: SessionEndpointsOptions) {
  const { bff, browser } = world({ plugins: [sessionEndpoints(options)] })
  const own = browser()
  await own.signIn()
  for (let more = 0; more < 59; more++) await bff.sessions.create({ userId: 'alice', issuer: ISSUER })
  return { bff, own }
}

testOptions<SessionEndpointsOptions>('SessionEndpointsOptions', {
  path: {
    set: '/account/devices',
    see: async (options) => {
      const { bff, own } = await signedIn(options)
      const statusAt = async (path: string) => (await bff.handle(own.view('GET', path)))?.status
      return [await statusAt('/bff/sessions'), await statusAt('/account/devices')]
    },
    shows: [
      [200, undefined],
      [404, 200],
    ],
  },
  pageSize: {
    set: 2,
    see: async (options) => {
      const { own } = await signedIn(options)
      const page = jsonOf(await own.fetch('GET', '/bff/sessions'))
      const more = await own.fetch('GET', '/bff/sessions?limit=3')
      return { onPage: page.sessions.length, statusForThree: more.status }
    },
    shows: [
      { onPage: 50, statusForThree: 200 },
      { onPage: 2, statusForThree: 400 },
    ],
  },
})

testOptions<SignInParametersOptions>('SignInParametersOptions', {
  allowed: {
    set: ['acr_values', 'prompt'],
    instead: [],
    see: async ({ allowed = [] }) => {
      const { browser, provider } = world({ plugins: [signInParameters({ allowed })] })
      await browser().navigate('/bff/login?acr_values=mfa&login_hint=alice')
      return provider.asked
    },
    shows: [[{}], [{ acr_values: 'mfa' }]],
  },
})

/** What the provider is asked when a frame in a page opens this. */
async function askedByFrame(options: SilentLoginOptions, target: string, headers: Record<string, string>) {
  const { bff, provider } = world({ plugins: [silentLogin(options)] })
  const frame = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe', ...headers }
  await bff.handle(request('GET', target, frame))
  return provider.asked
}

testOptions<SilentLoginOptions>('SilentLoginOptions', {
  path: {
    set: '/quietly',
    see: (options) =>
      Promise.all(
        ['/bff/silent-login', '/quietly'].map((target) =>
          askedByFrame(options, target, { 'sec-fetch-site': 'same-origin' }),
        ),
      ),
    shows: [
      [[{ prompt: 'none' }], []],
      [[], [{ prompt: 'none' }]],
    ],
  },
  allowedOrigins: {
    set: ['https://www.example.com'],
    see: (options) =>
      askedByFrame(options, '/bff/silent-login', {
        'sec-fetch-site': 'same-site',
        referer: 'https://www.example.com/cart',
      }),
    shows: [[], [{ prompt: 'none' }]],
  },
})
