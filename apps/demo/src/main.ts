import { generateEncryptionKey } from '@bff/core'
import { endOnSignal } from './end-on-signal.ts'
import { isAddressInUse, portOf, portTaken, requireFreePort } from './ports.ts'
import { startDemo } from './server.ts'
import { orExplain } from './start-error.ts'
import { openStore } from './stores.ts'

/** The app alone, beside a provider and an API that run already. */
await orExplain(async () => {
  const { env } = process
  const port = portOf('demo', env)
  await requireFreePort('demo', port)
  const demo = await startDemo({
    port,
    issuer: env['ISSUER'] ?? 'http://localhost:3001',
    clientId: env['OIDC_CLIENT_ID'] ?? 'demo',
    clientSecret: env['OIDC_CLIENT_SECRET'] ?? 'demo-secret-for-this-machine-only',
    apiOrigin: env['API_ORIGIN'] ?? 'http://localhost:3002',
    store: openStore(env['DEMO_STORE'] ?? 'memory'),
    encryptionKey: env['DEMO_ENCRYPTION_KEY'] ?? generateEncryptionKey(),
  }).catch((error: unknown) => {
    throw isAddressInUse(error) ? portTaken('demo', port) : error
  })
  endOnSignal(demo.close)
  console.log(`demo ${demo.origin}`)
})
