import { afterEach, expect, test } from 'vitest'
import { clientAddress } from '../src/client-address/index.ts'
import type { BffConfig, BffEventOf } from '../src/index.ts'
import { rateLimit } from '../src/rate-limit/index.ts'
import { ScriptedProvider, world } from './world.ts'

function announced(config: Partial<BffConfig>): string[] {
  const { events } = world(config)
  return events
    .filter((event): event is BffEventOf<'config.insecure'> => event.type === 'config.insecure')
    .map(({ option }) => option)
}

const complete = { plugins: [rateLimit()], session: { maxPerUser: 20 } }

const TLS = 'NODE_TLS_REJECT_UNAUTHORIZED'
afterEach(() => {
  delete process.env[TLS]
})

test('A BFF with a limiter, a session limit and a prefixed cookie announces nothing', () => {
  expect(announced(complete)).toEqual([])
})

test('Each insecure choice is announced once when the BFF starts', () => {
  const provider = Object.assign(new ScriptedProvider(), {
    insecureOptions: [{ option: 'oidc.dangerouslyPublicClient', message: 'Register a confidential client.' }],
  })
  process.env[TLS] = '0'
  expect(
    announced({
      provider,
      cookie: { name: 'sid' },
      clientAddress: clientAddress({ trustedProxies: ['10.0.0.0/8'], dangerouslyTrustUnknownPeer: true }),
    }).sort(),
  ).toEqual([
    TLS,
    'clientAddress.dangerouslyTrustUnknownPeer',
    'cookie.name',
    'oidc.dangerouslyPublicClient',
    'plugins',
    'session.maxPerUser',
  ])
})

test('Development on localhost is told only of plain http', () => {
  expect(announced({ origin: 'http://localhost:3000' })).toEqual(['origin'])
})
