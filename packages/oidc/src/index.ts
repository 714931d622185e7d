export {
  type AccessTokenVerifierOptions,
  accessTokenVerifier,
  type BearerVerdict,
} from './access-token-verifier.ts'
export type { ApiTokenOptions } from './api-tokens.ts'
export type { ClientAuthenticationOptions, PrivateKey } from './client-authentication.ts'
export { clientCredentials } from './client-credentials.ts'
export { createDiscoveryCache, type DiscoveryCache } from './discovery.ts'
export { type OauthClientOptions, oauthClient } from './oauth-client.ts'
export { oidc } from './oidc.ts'
export type { OidcOptions, SigningAlgorithm } from './options.ts'
export { tokenExchange } from './token-exchange.ts'
export type { Fetch } from './transport.ts'
