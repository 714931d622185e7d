/**
 * `@bff/core/endpoints`: more endpoints, each a plugin for `createBff` in `plugins`. An app loads only those that it
 * imports.
 *
 * @module
 */

export { anonymousUser } from './anonymous-user.ts'
export { type BackchannelLogoutOptions, backchannelLogout } from './backchannel-logout.ts'
export { type DiagnosticsOptions, diagnostics } from './diagnostics.ts'
export { type FrontchannelLogoutOptions, frontchannelLogout } from './frontchannel-logout.ts'
export {
  type HealthCheck,
  type HealthEndpointOptions,
  type HealthParts,
  type HealthReport,
  health,
  healthEndpoint,
} from './health.ts'
export { popupSignIn } from './popup-sign-in.ts'
export { type SessionEndpointsOptions, sessionEndpoints } from './session-endpoints.ts'
export { type SignInParametersOptions, signInParameters } from './sign-in-parameters.ts'
export { type SilentLoginOptions, silentLogin } from './silent-login.ts'
