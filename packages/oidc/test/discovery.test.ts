import { describe, expect, it } from 'vitest'
import { createDiscoveryCache } from '../src/index.ts'
import { failureOf } from './support/failure.ts'
import { scripted } from './support/provider-of-the-test.ts'
import { json, reset, scriptedProvider, text } from './support/scripted-provider.ts'
import { begin, providerFor } from './support/sign-in.ts'

const DISCOVERY = '/.well-known/openid-configuration'

describe('discovery', () => {
  it('asks nothing before the first sign-in, and once however many begin together', async () => {
    const provider = providerFor(scripted)
    expect(scripted.requestsTo(DISCOVERY)).toHaveLength(0)
    await Promise.all(Array.from({ length: 20 }, () => begin(provider)))
    await begin(provider)
    expect(scripted.requestsTo(DISCOVERY)).toHaveLength(1)
  })

  it.each([
    ['another host', 'https://other.example.com'],
    ['a slash more', '/'],
    ['another spelling of the same URL', 'upper case'],
  ])('refuses metadata of an issuer with %s [BFF-21]', async (_name, lie) => {
    const lies: Record<string, string> = {
      '/': `${scripted.issuer}/`,
      'upper case': scripted.issuer.toUpperCase(),
    }
    scripted.metadata['issuer'] = lies[lie] ?? lie
    const error = await failureOf(begin(providerFor(scripted)))
    expect(error.code).toBe('provider_misconfigured')
    expect(error.message).toContain('names another issuer')
  })

  it.each([
    ['500', text(500, 'text/plain', 'sorry')],
    ['an HTML page with 200', text(200, 'text/html', '<h1>Down for maintenance</h1>')],
    ['JSON cut short', text(200, 'application/json', '{"issuer":')],
    ['a JSON array', json(200, [])],
    ['a redirect', text(302, 'text/plain', '', { location: 'https://evil.example.com/' })],
    ['a dropped connection', reset],
  ])('a provider that answers %s is unavailable, and asked again next time', async (_name, answer) => {
    scripted.on(DISCOVERY, answer, json(200, scripted.metadata))
    const provider = providerFor(scripted)
    expect((await failureOf(begin(provider))).code).toBe('provider_unavailable')
    expect((await begin(provider)).url.pathname).toBe('/authorize')
    expect(scripted.requestsTo(DISCOVERY)).toHaveLength(2)
  })

  it('A 404 names the address of the metadata and the option to compare, and the next sign-in asks again', async () => {
    scripted.on(DISCOVERY, text(404, 'text/html', '<h1>Not found</h1>'), json(200, scripted.metadata))
    const provider = providerFor(scripted)
    const error = await failureOf(begin(provider))
    expect(error.code).toBe('provider_unavailable')
    expect(error.message).toContain(`metadata at ${scripted.issuer}${DISCOVERY} (HTTP 404). Compare issuer`)
    expect((await begin(provider)).url.pathname).toBe('/authorize')
  })

  it('refuses endpoints that are less secure than the issuer', async () => {
    const metadata = {
      issuer: 'https://id.example.com',
      authorization_endpoint: 'https://id.example.com/authorize',
      token_endpoint: 'http://id.example.com/token',
    }
    const provider = providerFor(scripted, {
      issuer: 'https://id.example.com',
      fetch: async () => Response.json(metadata),
    })
    const error = await failureOf(begin(provider))
    expect(error.code).toBe('provider_misconfigured')
    expect(error.message).toContain('token_endpoint')
  })

  it.each(['javascript:alert(1)', 'data:text/html,x', 'not a URL', 7])(
    'refuses the authorization endpoint %s',
    async (endpoint) => {
      scripted.metadata['authorization_endpoint'] = endpoint
      expect((await failureOf(begin(providerFor(scripted)))).code).toBe('provider_misconfigured')
    },
  )

  it('refreshes metadata after an hour without anybody waiting, and keeps the old through an outage', async () => {
    const provider = providerFor(scripted)
    await begin(provider)
    scripted.on(DISCOVERY, reset)
    scripted.clock.jump(3_600_000)
    expect((await begin(provider)).url.pathname).toBe('/authorize')
    await scripted.received(DISCOVERY, 2)
    expect((await begin(provider)).url.pathname).toBe('/authorize')

    scripted.metadata['authorization_endpoint'] = `${scripted.issuer}/authorize2`
    scripted.on(DISCOVERY, (response, request) => json(200, scripted.metadata)(response, request))
    scripted.clock.jump(24 * 3_600_000)
    expect((await begin(provider)).url.pathname).toBe('/authorize2')
  })

  it('shares metadata among providers that are given one cache, and forgets the issuer used longest ago', async () => {
    const other = await scriptedProvider()
    try {
      const discoveryCache = createDiscoveryCache({ maxIssuers: 1 })
      await begin(providerFor(scripted, { discoveryCache }))
      await begin(providerFor(scripted, { discoveryCache, clientId: 'app-2' }))
      expect(scripted.requestsTo(DISCOVERY)).toHaveLength(1)
      await begin(providerFor(other, { discoveryCache }))
      await begin(providerFor(scripted, { discoveryCache }))
      expect(scripted.requestsTo(DISCOVERY)).toHaveLength(2)
    } finally {
      await other.close()
    }
  })
})
