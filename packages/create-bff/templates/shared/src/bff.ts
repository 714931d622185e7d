import { type Bff, createBff, type Stores } from '@bff/core'
import { apiProxy } from '@bff/core/proxy'
import { oidc } from '@bff/oidc'
import { type Environment, setting } from './environment.ts'
import { makeStore } from './store.ts'

/** Makes the BFF: who signs users in, where sessions are kept, and which paths go to the API with the user's token. */
export function makeBff(env: Environment = process.env, store: Stores = makeStore(env)): Bff {
  return createBff({
    origin: setting(env, 'ORIGIN'),
    store,
    encryptionKeys: setting(env, 'BFF_ENCRYPTION_KEYS').split(','),
    provider: oidc({
      issuer: setting(env, 'ISSUER'),
      clientId: setting(env, 'OIDC_CLIENT_ID'),
      clientSecret: setting(env, 'OIDC_CLIENT_SECRET'),
      scope: setting(env, 'OIDC_SCOPE'),
    }),
    proxy: apiProxy({ routes: [{ path: '/api', target: setting(env, 'API_ORIGIN') }] }),
  })
}
