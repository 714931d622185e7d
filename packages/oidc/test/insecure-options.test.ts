import { expect, test } from 'vitest'
import { oauthClient, oidc } from '../src/index.ts'

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
      }),
    ),
  ).toEqual(['oidc.dangerouslyPublicClient', 'oidc.dangerouslyAllowInsecureIssuer'])
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
