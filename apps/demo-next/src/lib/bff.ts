import { createBff } from '@bff/core'
import { backchannelLogout } from '@bff/core/endpoints'
import { apiProxy } from '@bff/core/proxy'
import { nextBff } from '@bff/next'
import { undiciUpstream } from '@bff/node'
import { oidc } from '@bff/oidc'
import { sqliteStore } from '@bff/store-drizzle/sqlite'
import { memoryStore } from '@bff/store-memory'
import { environment } from './environment.ts'
import { sessionEvents } from './session-events.ts'

/** The whole Backend-for-Frontend of this app. */
export const { bff, handlers, getSession, requireSession } = nextBff(() => {
  const { origin, issuer, clientId, clientSecret, apiOrigin, encryptionKey, sqlitePath } = environment()
  return createBff({
    origin,
    store: sqlitePath ? sqliteStore({ path: sqlitePath }) : memoryStore(),
    encryptionKeys: [encryptionKey],
    provider: oidc({
      issuer,
      clientId,
      clientSecret,
      scope: 'openid profile email offline_access orders',
      dpop: true,
    }),
    proxy: apiProxy({
      routes: [{ path: '/api', target: apiOrigin }],
      upstream: undiciUpstream(),
    }),
    plugins: [backchannelLogout(), sessionEvents],
  })
})
