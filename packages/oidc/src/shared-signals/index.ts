/**
 * `@bff/oidc/shared-signals`: ends sessions when a provider says that something happened to their user. `sharedSignals()`
 * receives security events (OpenID Shared Signals Framework), `globalTokenRevocation()` Okta's Universal Logout.
 *
 * @module
 */
import './events.ts'

export { type GlobalTokenRevocationOptions, globalTokenRevocation } from './global-token-revocation.ts'
export type { ReceiverHooks } from './receiver.ts'
export {
  type SharedSignals,
  type SharedSignalsOptions,
  sharedSignals,
  type VerificationOptions,
} from './shared-signals.ts'
export type { Signal, SignalEffect, SignalType } from './signals.ts'
export type { SignalStream, StreamStatus } from './stream.ts'
export type { SubjectIdentifier } from './subject.ts'
