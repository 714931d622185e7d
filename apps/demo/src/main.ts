import { endOnSignal } from './end-on-signal.ts'
import { isAddressInUse, portOf, portTaken, requireFreePort } from './ports.ts'
import { startDemo } from './server.ts'
import { encryptionKeyOf, storeOf, walletKeyOf } from './settings.ts'
import { orExplain } from './start-error.ts'

/** The app alone, beside a provider and an API that run already. */
await orExplain(async () => {
  const { env } = process
  const port = portOf('demo', env)
  await requireFreePort('demo', port)
  const running: Array<{ close(): Promise<void> }> = []
  const close = async () => {
    for (const part of running.splice(0).reverse()) await part.close()
  }
  endOnSignal(close)
  try {
    const store = await storeOf(env)
    running.push(store)
    const demo = await startDemo({
      port,
      issuer: env['ISSUER'] ?? 'http://localhost:3001',
      clientId: env['OIDC_CLIENT_ID'] ?? 'demo',
      clientSecret: env['OIDC_CLIENT_SECRET'] ?? 'demo-secret-for-this-machine-only',
      apiOrigin: env['API_ORIGIN'] ?? 'http://localhost:3002',
      store: store.stores,
      encryptionKey: encryptionKeyOf(env).key,
      walletKey: walletKeyOf(env),
    })
    running.push(demo)
    console.log(`demo ${demo.origin}`)
  } catch (error) {
    await close()
    throw isAddressInUse(error) ? portTaken('demo', port) : error
  }
})
