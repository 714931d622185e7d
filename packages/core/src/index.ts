export { createBff } from './bff.ts'
export type { ApiProxy, ApiProxyDependencies, ApiProxyFactory, ApiRoute } from './contracts/api-proxy.ts'
export type { Bff } from './contracts/bff.ts'
export type { Clock } from './contracts/clock.ts'
export type {
  BffConfig,
  CookieOptions,
  CsrfOptions,
  Hooks,
  LoginOptions,
  LogoutOptions,
  MetadataSchema,
  RefreshOptions,
  SessionOptions,
} from './contracts/config.ts'
export type { CsrfCheck } from './contracts/csrf.ts'
export type { Encryptor, SealContext } from './contracts/encryptor.ts'
export type { Endpoint, PluginContext } from './contracts/endpoint.ts'
export { BFF_ERROR_CODES, type BffErrorCode } from './contracts/error-codes.ts'
export type { BffEvent, BffEventDetail, BffEventOf, Emit, EventBus, Topic } from './contracts/events.ts'
export type { Plugin, PluginFactory } from './contracts/plugin.ts'
export type {
  AuthorizationRedirect,
  AuthorizationRequest,
  EndSessionRequest,
  Grant,
  IdentityProvider,
  LogoutTokenClaims,
  ProviderTransaction,
  RefreshRequest,
  RefusedGrant,
  RevocationRequest,
  TokenSet,
} from './contracts/identity-provider.ts'
export type { InsecureOption, WithInsecureOptions } from './contracts/insecure-option.ts'
export type { NewSession } from './contracts/new-session.ts'
export type { Reply } from './contracts/reply.ts'
export type { RequestView } from './contracts/request-view.ts'
export type {
  AccessTokens,
  Claims,
  DpopKeyPair,
  Revocation,
  Session,
  SessionHandle,
  SessionIdentity,
  SessionPatch,
  SessionRecord,
  SessionTokens,
} from './contracts/session.ts'
export type {
  CleanupOptions,
  Page,
  RevokeAllOutcome,
  RevokeOutcome,
  SessionFilter,
  SessionPage,
  SessionStore,
} from './contracts/session-store.ts'
export type { IssuedSession, RevokedBy, SessionSummary, Sessions } from './contracts/sessions.ts'
export type { Stores } from './contracts/stores.ts'
export type { TtlStore, TtlWriteOptions } from './contracts/ttl-store.ts'
export { BffError, type BffErrorOptions, isBffError } from './internal/bff-error.ts'
export {
  createEncryptor,
  type EncryptorOptions,
  generateEncryptionKey,
} from './internal/crypto/create-encryptor.ts'
export { forLog } from './internal/for-log.ts'
export { type CookieAttributes, clearCookie, readCookie, setCookie } from './internal/http/cookie.ts'
export { readForm } from './internal/http/form.ts'
export { isOriginForm } from './internal/http/origin-form.ts'
export { jsonReply } from './internal/http/replies.ts'
export { streamOf, webRequestView, webResponse } from './internal/http/web.ts'
export {
  endOfSession,
  expiredLimit,
  hasDpop,
  idleExpiry,
  isAccessTokenExpired,
  isExpired,
  isRefreshTokenExpired,
  needsRefresh,
} from './internal/lifetime.ts'
export { systemClock } from './internal/system-clock.ts'
export { refuseUnknown } from './internal/unknown-option.ts'
