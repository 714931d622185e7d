export {
  type AccessTokenVerifierOptions,
  accessTokenVerifier,
  type BearerVerdict,
} from './access-token-verifier.ts'
export type { Announced } from './announce.ts'
export type { ApiTokenOptions } from './api-tokens.ts'
export type { Cached } from './cached.ts'
export type {
  ClientAssertion,
  ClientAuthenticationOptions,
  ProvidedAssertion,
  ProvideSecret,
} from './client-authentication.ts'
export { clientCredentials } from './client-credentials.ts'
export { createDiscoveryCache, type DiscoveryCache } from './discovery-cache.ts'
export type { AcceptIssuer } from './issuers.ts'
export { type OauthClientOptions, oauthClient } from './oauth-client.ts'
export { oidc } from './oidc.ts'
export type { OidcOptions } from './options.ts'
export type { PrivateKey, RemoteSigningKey } from './signed-assertion.ts'
export type { SigningAlgorithm } from './signing-algorithms.ts'
export { tokenExchange } from './token-exchange.ts'
export type { Fetch } from './transport.ts'
