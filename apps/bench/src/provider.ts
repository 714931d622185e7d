import { startProvider } from '@bff/testing'
import { APP_ORIGIN, type ProviderAddress } from './protocol.ts'

/** Longer than a benchmark, whose servers' clocks it steps. */
const DAY = 86_400

const { issuer, clients, close } = await startProvider({
  redirectUris: [`${APP_ORIGIN}/bff/callback`, `${APP_ORIGIN}/callback`],
  backchannelLogoutUri: null,
  accessTokenLifetime: 3600,
  idTokenLifetime: 30 * DAY,
  grants: 'sign-in',
})
process.once('disconnect', () => void close())
process.send?.({ issuer, ...clients.basic } satisfies ProviderAddress)
