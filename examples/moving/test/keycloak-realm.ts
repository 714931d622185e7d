import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { exportJWK, generateKeyPair } from 'jose'
import { onTestFinished } from 'vitest'
import { createAccounts } from '../../../packages/testing/src/provider/accounts.ts'
import { registerClients } from '../../../packages/testing/src/provider/clients.ts'
import { createConfiguration } from '../../../packages/testing/src/provider/configuration.ts'
import { handleInteraction, isInteractionPath } from '../../../packages/testing/src/provider/interactions.ts'
import { createMemoryDatabase } from '../../../packages/testing/src/provider/memory-database.ts'
import { settingsOf } from '../../../packages/testing/src/provider/options.ts'
import { Provider } from '../../../packages/testing/src/provider/provider-library.ts'

const REALM = '/realms/shop'
const ROLES = { realm_access: { roles: ['customer'] } }
const alice = { name: 'Alice Liddell', typ: 'ID', ...ROLES }

/**
 * The provider of the tree, set up as a realm of Keycloak is: its paths, the `typ` of its tokens, roles in both tokens, and no
 * need for PKCE, which keycloak-connect does not have. It is not Keycloak.
 */
export async function startRealm(port: number, origin: string, apiAudience: string) {
  const issuer = `http://localhost:${port}${REALM}`
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  const jwks = { keys: [{ ...(await exportJWK(privateKey)), kid: 'realm-key', use: 'sig', alg: 'RS256' }] }
  const { clients, metadata } = await registerClients(
    {
      redirectUris: [`${origin}/profile?auth_callback=1`, `${origin}/bff/callback`],
      postLogoutRedirectUris: [`${origin}/`, `${origin}/bff/logout/callback`],
      backchannelLogoutUri: null,
      backchannelLogoutNamesSession: true,
    },
    'RS256',
  )
  const settings = settingsOf({ apiAudience, users: { alice } }, issuer)
  const accounts = createAccounts(settings.users)
  const database = createMemoryDatabase()
  const provider = new Provider(issuer, {
    ...createConfiguration({
      settings,
      accounts,
      database,
      clients: metadata,
      jwks,
      signingAlgorithm: 'RS256',
    }),
    pkce: { required: () => false },
    extraTokenClaims: () => ({ typ: 'Bearer', ...ROLES }),
    routes: {
      authorization: '/protocol/openid-connect/auth',
      token: '/protocol/openid-connect/token',
      jwks: '/protocol/openid-connect/certs',
      userinfo: '/protocol/openid-connect/userinfo',
      end_session: '/protocol/openid-connect/logout',
    },
  })
  const answer = provider.callback()
  const server = createServer((request: IncomingMessage & { originalUrl?: string }, response) => {
    const url = request.url ?? ''
    if (isInteractionPath(url)) {
      handleInteraction(provider, accounts, request, response).catch((cause) => response.destroy(cause))
      return
    }
    // As Express mounts an app below a path, from which the library makes its addresses.
    request.originalUrl = url
    request.url = url.slice(REALM.length)
    void answer(request, response)
  })
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return { issuer, clients }
}
