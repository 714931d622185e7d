import type { RequestView } from '@bff/core'
import { expect, test } from 'vitest'
import { accessTokenVerifier, oauthClient, oidc } from '../src/index.ts'

const named = ({ insecureOptions }: ReturnType<typeof oidc>) => insecureOptions?.map(({ option }) => option)

test('A confidential client over https announces nothing', () => {
  expect(named(oidc({ issuer: 'https://id.example.com', clientId: 'orders', clientSecret: 's' }))).toEqual([])
  const endpoint = { tokenEndpoint: 'https://id.example.com/token', clientId: 'orders', clientSecret: 's' }
  expect(named(oauthClient(endpoint))).toEqual([])
})

test('A client without a secret and endpoints over plain http are named for createBff to announce', () => {
  const issuer = 'http://id.example.com'
  expect(
    named(
      oidc({
        issuer,
        clientId: 'orders',
        dangerouslyPublicClient: true,
        dangerouslyAllowInsecureIssuer: true,
        dangerouslyAcceptUntypedLogoutTokens: true,
      }),
    ),
  ).toEqual([
    'oidc.dangerouslyPublicClient',
    'oidc.dangerouslyAllowInsecureIssuer',
    'oidc.dangerouslyAcceptUntypedLogoutTokens',
  ])
  expect(
    named(
      oauthClient({
        tokenEndpoint: `${issuer}/token`,
        clientId: 'o',
        dangerouslyAllowInsecureEndpoints: true,
      }),
    ),
  ).toEqual(['oauthClient.clientSecret', 'oauthClient.dangerouslyAllowInsecureEndpoints'])
})

test('A verifier of access tokens announces nothing with an https issuer, and works though its sink is broken', async () => {
  const events: unknown[] = []
  const audience = 'https://api.example.com'
  accessTokenVerifier({
    issuer: 'https://id.example.com',
    audience,
    onEvent: (event) => events.push(event),
  })
  expect(events).toEqual([])
  const verify = accessTokenVerifier({
    issuer: 'http://id.example.com',
    audience,
    dangerouslyAllowInsecureIssuer: true,
    onEvent: (event) => {
      events.push(event)
      throw new Error('The disk is full.')
    },
  })
  expect(events).toEqual([
    {
      type: 'config.insecure',
      option: 'accessTokenVerifier.dangerouslyAllowInsecureIssuer',
      message: expect.stringContaining('forge'),
      at: expect.any(Number),
    },
  ])
  const verdict = await verify({ header: () => undefined } as Partial<RequestView> as RequestView)
  expect(verdict).toEqual({ state: 'none' })
})
