import { createBff } from '@bff/core'
import { deviceBinding } from '@bff/core/device-binding'
import { backchannelLogout } from '@bff/core/endpoints'
import { apiProxy } from '@bff/core/proxy'
import { createPanels, PROOF_LIFE_MS } from '@bff/demo/panels'
import { nextBff } from '@bff/next'
import { undiciUpstream } from '@bff/node'
import { oidc } from '@bff/oidc'
import { sqliteStore } from '@bff/store-drizzle/sqlite'
import { memoryStore } from '@bff/store-memory'
import { environment } from './environment.ts'
import { launcher } from './launcher.ts'
import { sessionEvents } from './session-events.ts'

/** The whole Backend-for-Frontend of this app. */
export const { bff, handlers, getSession, requireSession } = nextBff(() => {
  const { origin, issuer, clientId, clientSecret, apiOrigin, encryptionKey, sqlitePath } = environment()
  const store = sqlitePath ? sqliteStore({ path: sqlitePath }) : memoryStore()
  const panels = createPanels(launcher()?.panels)
  return createBff({
    origin,
    store: launcher()?.breakable(store) ?? store,
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
      upstream: panels.watched(undiciUpstream()),
    }),
    plugins: [
      panels.plugin,
      deviceBinding({ proofLifeMs: PROOF_LIFE_MS }),
      backchannelLogout(),
      sessionEvents,
    ],
    onEvent: panels.hear,
  })
})
