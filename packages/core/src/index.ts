/**
 * `@bff/core`: makes a BFF, or its parts, and exports every contract.
 *
 * @module
 */

// Making a BFF
export { createBff } from './bff.ts'
// Plugins and proxies
export type { ApiProxy, ApiProxyDependencies, ApiProxyFactory, ApiRoute } from './contracts/api-proxy.ts'
export type { Attachable, AttachContext } from './contracts/attachable.ts'
export type { Bff, GuardOptions, ServedBff } from './contracts/bff.ts'
// Errors, events and time
export type { Clock } from './contracts/clock.ts'
export type { BffConfig, PartsConfig } from './contracts/config.ts'
export type {
  CookieOptions,
  CsrfOptions,
  LoginOptions,
  LogoutOptions,
  MetadataResult,
  MetadataSchema,
  RefreshOptions,
  SessionOptions,
} from './contracts/config-sections.ts'
export type { CsrfCheck, CsrfPolicy } from './contracts/csrf.ts'
// Sealing
export type { Encryptor, SealContext } from './contracts/encryptor.ts'
export type {
  Endpoint,
  EndpointDescription,
  EndpointDescriptions,
  EndpointLimit,
  Json,
} from './contracts/endpoint.ts'
export {
  BFF_ERROR_CODES,
  type BffErrorCode,
  type CoreErrorCode,
  type PluginErrorCodes,
} from './contracts/error-codes.ts'
export type { EventBus } from './contracts/event-bus.ts'
export type {
  AboutRequest,
  AboutSession,
  BffEvent,
  BffEventDetail,
  BffEventMap,
  BffEventOf,
  Emit,
  LogoutEvent,
  LogoutEventMap,
  Topic,
} from './contracts/events.ts'
export type { Hooks, SessionChoice } from './contracts/hooks.ts'
// Identity providers
export type {
  ApiTokenRequest,
  AuthorizationRedirect,
  AuthorizationRequest,
  EndSessionRequest,
  Grant,
  IdentityProvider,
  LogoutTokenClaims,
  MadeBy,
  ProviderTransaction,
  RefreshRequest,
  RefusedGrant,
  RevocationRequest,
  TokenSet,
} from './contracts/identity-provider.ts'
export type { InsecureOption, WithInsecureOptions } from './contracts/insecure-option.ts'
// Sessions
export type { NewSession } from './contracts/new-session.ts'

export type { OriginSource } from './contracts/origin-source.ts'

// Its parts
export type { CsrfGuard, Lifecycle, Parts, StandaloneParts, TokenRefresh } from './contracts/parts.ts'
export type { Plugin, PluginContext, PluginFactory, SignInRequest } from './contracts/plugin.ts'
// Requests and replies
export type { Reply } from './contracts/reply.ts'
export type { LiveRequestSession, RequestSession, RequestSessions } from './contracts/request-sessions.ts'
export type { RequestView } from './contracts/request-view.ts'
export type { CookiePolicy, ResolvedOptions } from './contracts/resolved-options.ts'
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
  TokenTarget,
} from './contracts/session.ts'
export type { SessionCache, SessionCacheContext, SessionCacheFactory } from './contracts/session-cache.ts'
export type {
  LogoutMarks,
  MarkedSession,
  RevocationCause,
  SessionRevocation,
} from './contracts/session-revocation.ts'
// Stores
export type {
  AnyOwnerFilter,
  CleanupOptions,
  Page,
  RevokeAllOutcome,
  RevokeOutcome,
  SessionFilter,
  SessionPage,
  SessionStore,
} from './contracts/session-store.ts'
export type {
  ChangeOf,
  IssuedSession,
  RevokedBy,
  SessionChange,
  SessionSummaries,
  SessionSummary,
  Sessions,
} from './contracts/sessions.ts'
export type { Stores } from './contracts/stores.ts'
export type { RevocationPolicy, TokenOwner, TokenRevocation } from './contracts/token-revocation.ts'
export type { TtlStore, TtlWriteOptions } from './contracts/ttl-store.ts'
export { BffError, type BffErrorOptions, isBffError } from './internal/bff-error.ts'
export {
  createEncryptor,
  type EncryptorOptions,
  generateEncryptionKey,
} from './internal/crypto/create-encryptor.ts'
export { jsonReply } from './internal/http/replies.ts'
export { webRequestView, webResponse } from './internal/http/web.ts'
export {
  hasDpop,
  isAccessTokenExpired,
  isActive,
  isExpired,
  isRefreshTokenExpired,
  needsRefresh,
  type SessionTimes,
} from './internal/lifetime.ts'
export { systemClock } from './internal/system-clock.ts'
export { createParts } from './parts.ts'
