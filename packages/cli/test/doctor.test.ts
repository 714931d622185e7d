import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type BffConfig, createBff, generateEncryptionKey } from '@bff/core'
import { healthEndpoint } from '@bff/core/endpoints'
import { nodeListener } from '@bff/node'
import { type OidcOptions, oidc } from '@bff/oidc'
import { memoryStore } from '@bff/store-memory'
import { manualClock, startProvider, withOutage } from '@bff/testing'
import { expect, it, onTestFinished } from 'vitest'
import { doctor, type Finding, run } from '../src/index.ts'

type Front = (req: IncomingMessage, res: ServerResponse, pass: () => void) => void

interface Fault {
  readonly registered?: string
  readonly provider?: Partial<OidcOptions>
  readonly config?: Partial<BffConfig>
  /** Something in front of the BFF, which passes a request on when it wants to. */
  readonly front?: Front
}

/** A running BFF at a real provider; returns its origin. */
async function serve({ registered, provider: changes, config, front }: Fault = {}): Promise<string> {
  const origin = await listen((req, res) => {
    if (front === undefined) listener(req, res)
    else front(req, res, () => listener(req, res))
  })
  const provider = await startProvider({ appOrigins: [registered ?? origin], backchannelLogoutUri: null })
  const bff = createBff({
    origin,
    store: memoryStore(),
    encryptionKeys: [generateEncryptionKey()],
    onEvent: () => {},
    plugins: [healthEndpoint()],
    provider: oidc({ issuer: provider.issuer, ...provider.clients.basic, par: 'never', ...changes }),
    ...config,
  })
  const listener = nodeListener(bff)
  onTestFinished(async () => {
    await bff.close()
    await provider.close()
  })
  return origin
}

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://localhost:${(server.address() as AddressInfo).port}`
}

const isForged = ({ headers }: IncomingMessage) => headers['sec-fetch-site'] === 'cross-site'

const statusOf = (findings: readonly Finding[], check: Finding['check']) =>
  findings.find((finding) => finding.check === check)

it('A BFF without a fault passes every check, and http is a warning', async () => {
  const findings = await doctor(await serve())
  expect(Object.fromEntries(findings.map(({ check, status }) => [check, status]))).toEqual({
    reachable: 'ok',
    session: 'ok',
    csrf: 'ok',
    health: 'ok',
    'sign-in': 'ok',
    provider: 'ok',
    host: 'ok',
    cookie: 'warning',
    clock: 'ok',
  })
})

it('An address where nobody answers is named with the error of the network', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  expect(await doctor(`http://localhost:${port}`)).toEqual([
    { check: 'reachable', status: 'failed', message: expect.stringContaining('ECONNREFUSED') },
  ])
})

it('A redirect URI that is not registered is named', async () => {
  const origin = await serve({ registered: 'http://localhost:4000' })
  const finding = statusOf(await doctor(origin), 'provider')
  expect(finding).toMatchObject({
    status: 'failed',
    message: expect.stringContaining(`${origin}/bff/callback`),
  })
})

it('An origin that is not the address in the browser is named', async () => {
  const findings = await doctor(await serve({ config: { origin: 'http://localhost:4000' } }))
  expect(statusOf(findings, 'host')).toMatchObject({
    status: 'failed',
    message: expect.stringContaining('http://localhost:4000/bff/callback'),
  })
})

it('An origin that is not the address in the browser is named also when requests are pushed to the provider', async () => {
  const par = { provider: { par: 'auto' } } as const
  const wrong = await doctor(
    await serve({ ...par, registered: 'http://localhost:4000', config: { origin: 'http://localhost:4000' } }),
  )
  expect(statusOf(wrong, 'host')).toMatchObject({
    status: 'failed',
    message: expect.stringContaining('Set `origin` to the address in the browser'),
  })
  expect(statusOf(await doctor(await serve(par)), 'host')).toMatchObject({ status: 'ok' })
})

it('A server without a BFF at the base path gets advice about the path, and none about proxies', async () => {
  const origin = await serve()
  const findings = await doctor(origin, '/auth')
  expect(statusOf(findings, 'session')).toMatchObject({
    status: 'failed',
    message: expect.stringContaining('Compare `basePath` with the address'),
  })
  expect(statusOf(findings, 'csrf')?.status).toBe('skipped')
  expect(statusOf(await doctor(origin, '/bff/'), 'session')?.status).toBe('ok')
})

it('A provider that is down fails the sign-in with its code', async () => {
  const findings = await doctor(await serve({ provider: { issuer: 'http://localhost:1' } }))
  expect(statusOf(findings, 'sign-in')).toMatchObject({
    status: 'failed',
    message: expect.stringMatching(/provider_unavailable.* Check the issuer/),
  })
})

it('A refused client is told what to compare, and an origin that is wrong besides is named', async () => {
  const provider = { clientSecret: 'wrong', par: 'auto' } as const
  const origin = await serve({ provider, config: { origin: 'http://localhost:4000' } })
  const findings = await doctor(origin)
  expect(statusOf(findings, 'sign-in')).toMatchObject({
    status: 'failed',
    message: expect.stringContaining(`the redirect URI there with ${origin}/bff/callback`),
  })
  expect(statusOf(findings, 'host')?.status).toBe('failed')
})

it('A store that is down is a failed health', async () => {
  const store = withOutage(memoryStore())
  store.down = true
  const findings = await doctor(await serve({ config: { store } }))
  expect(statusOf(findings, 'health')).toMatchObject({
    status: 'failed',
    message: expect.stringContaining('The session store does not answer.'),
  })
})

it.each<[Finding['check'], string, (req: IncomingMessage) => boolean]>([
  ['csrf', 'the forged request', isForged],
  ['health', 'GET /health', ({ url }) => url === '/bff/health'],
  ['sign-in', 'GET /login', ({ url }) => url === '/bff/login'],
])(
  'The check %s fails with the code when the connection of %s is reset, and the others stay',
  async (check, _, isIt) => {
    const findings = await doctor(
      await serve({ front: (req, _res, pass) => (isIt(req) ? req.socket.resetAndDestroy() : pass()) }),
    )
    expect(findings).toHaveLength(9)
    expect(findings.filter(({ status }) => status === 'failed')).toEqual([
      { check, status: 'failed', message: expect.stringMatching(/\(ECONNRESET\)\. \w+/) },
    ])
  },
)

it('A body that breaks off is a failed check', async () => {
  const origin = await serve({
    front(req, res, pass) {
      if (req.url !== '/bff/health') return pass()
      res.writeHead(200, { 'content-length': 100 })
      res.write('{"status":', () => req.socket.destroy())
    },
  })
  expect(statusOf(await doctor(origin), 'health')).toMatchObject({
    status: 'failed',
    message: expect.stringContaining('ECONNRESET'),
  })
})

it('A request that takes longer than 15 seconds is a failed check', async () => {
  const clock = manualClock()
  const front: Front = (req, _res, pass) => (req.url === '/bff/health' ? clock.jump(15_000) : pass())
  const findings = await doctor(await serve({ front }), '/bff', clock)
  expect(findings).toHaveLength(9)
  expect(statusOf(findings, 'health')).toMatchObject({
    status: 'failed',
    message: expect.stringContaining('ETIMEDOUT'),
  })
})

it('The doctor waits until the BFF gives up on a provider, and names its code', async () => {
  const clock = manualClock()
  const issuer = await listen(() => clock.jump(10_000))
  const origin = await serve({ provider: { issuer, clock }, config: { plugins: [] } })
  expect(statusOf(await doctor(origin, '/bff', clock), 'sign-in')).toMatchObject({
    status: 'failed',
    message: expect.stringContaining('provider_unavailable'),
  })
})

it.each(['http://', 'https-login'])(
  'A sign-in that something in front redirects to %s fails, and the others stay',
  async (location) => {
    const origin = await serve({
      front: (req, res, pass) => (req.url === '/bff/login' ? res.writeHead(303, { location }).end() : pass()),
    })
    const findings = await doctor(origin)
    expect(findings).toHaveLength(9)
    expect(statusOf(findings, 'sign-in')?.status).toBe('failed')
    expect(statusOf(findings, 'provider')?.status).toBe('skipped')
  },
)

it.each(['<!doctype html>', '{"checks":{"db":null}}', '{"status":"UP"}'])(
  'A health of something else than the BFF is no proof: %s',
  async (body) => {
    const origin = await serve({
      front: (req, res, pass) => (req.url === '/bff/health' ? res.end(body) : pass()),
    })
    const findings = await doctor(origin)
    expect(findings).toHaveLength(9)
    expect(statusOf(findings, 'health')?.status).toBe('failed')
  },
)

/** A load balancer that puts its own cookie before those of the BFF, and may change or remove those. */
const balancer =
  (change: (cookies: readonly string[]) => readonly string[]): Front =>
  (_req, res, pass) => {
    const end = res.writeHead.bind(res)
    res.writeHead = ((status: number, headers: Record<string, unknown> = {}) => {
      const own = [res.getHeader('set-cookie') ?? headers['set-cookie'] ?? []].flat() as string[]
      return end(status, {
        ...headers,
        'set-cookie': ['AWSALB=x-login-y; Expires=Thu; Path=/', ...change(own)],
      })
    }) as ServerResponse['writeHead']
    pass()
  }

it('The cookie of a load balancer is not judged', async () => {
  const findings = await doctor(await serve({ front: balancer((cookies) => cookies) }))
  expect(statusOf(findings, 'cookie')?.status).toBe('warning')
})

it('Without a cookie of the sign-in the check is skipped', async () => {
  const findings = await doctor(await serve({ front: balancer(() => []) }))
  expect(statusOf(findings, 'cookie')).toMatchObject({
    status: 'skipped',
    message: expect.stringContaining('Does a proxy in front remove it?'),
  })
})

it('An attribute that a proxy removes is named', async () => {
  const front = balancer((cookies) => cookies.map((cookie) => cookie.replace('; HttpOnly', '')))
  expect(statusOf(await doctor(await serve({ front })), 'cookie')).toMatchObject({
    status: 'failed',
    message: expect.stringContaining('without HttpOnly'),
  })
})

it('The case of an attribute does not matter (RFC 6265 §5.2)', async () => {
  const front = balancer((cookies) => cookies.map((cookie) => cookie.replace('HttpOnly', 'httponly')))
  expect(statusOf(await doctor(await serve({ front })), 'cookie')?.status).toBe('warning')
})

it('--json prints the findings when a request gets no response', async () => {
  const lines: string[] = []
  const origin = await serve({
    front: (req, _res, pass) => (req.url === '/bff/login' ? req.socket.resetAndDestroy() : pass()),
  })
  const output = { out: (line: string) => void lines.push(line), err: () => {} }
  expect(await run(['doctor', origin, '--json'], output)).toBe(1)
  expect(JSON.parse(lines.join('\n'))).toHaveLength(9)
})

it('The command prints a line for each check, or JSON, and its exit code tells whether one failed', async () => {
  const lines: string[] = []
  const output = {
    out: (line: string) => void lines.push(line),
    err: (line: string) => void lines.push(line),
  }
  const origin = await serve()
  expect(await run(['doctor', origin], output)).toBe(0)
  expect(lines).toContain('✓ csrf      A request from another site is refused.')
  lines.length = 0
  expect(await run(['doctor', origin, '--json'], output)).toBe(0)
  expect(JSON.parse(lines.join('\n'))).toHaveLength(9)
  expect(await run(['doctor', await serve({ registered: 'http://localhost:4000' })], output)).toBe(1)
})

it('What a server says reaches the terminal without its control characters', async () => {
  const lines: string[] = []
  const report = { checks: { store: { ok: false, message: 'down\u001b[2J\u009b2J' } } }
  const origin = await serve({
    front: (req, res, pass) => (req.url === '/bff/health' ? res.end(JSON.stringify(report)) : pass()),
  })
  await run(['doctor', origin], { out: (line) => void lines.push(line), err: () => {} })
  expect(lines).toContain('✗ health    down [2J 2J')
})

it.each([[[]], [['doctor']], [['doctor', 'app.example.com']], [['keygen', 'more']], [['unknown']]])(
  'The arguments %j are answered with the usage and exit code 2',
  async (args) => {
    const errors: string[] = []
    expect(await run(args, { out: () => {}, err: (line) => void errors.push(line) })).toBe(2)
    expect(errors.join()).toContain('Usage:')
  },
)

it('keygen prints a key that createBff accepts', async () => {
  const lines: string[] = []
  await run(['keygen'], { out: (line) => void lines.push(line), err: () => {} })
  const [key = ''] = lines
  await createBff({ origin: 'https://app.example.com', store: memoryStore(), encryptionKeys: [key] }).close()
})

it('a BFF at the root is checked with the base path /', async () => {
  const origin = await serve({ config: { basePath: '/' } })
  const findings = await doctor(origin, '/')
  expect(statusOf(findings, 'session')).toMatchObject({ status: 'ok' })
  expect(statusOf(findings, 'health')).toMatchObject({ status: 'ok' })
})
