/**
 * `@bff/core/authoring`: what authors of plugins, stores, identity providers and HTTP adapters build with. The contracts
 * they implement are types of `@bff/core`.
 *
 * @module
 */
export {
  type Attachment,
  attachmentRules,
  attachTo,
  createAttachment,
  type OwnAttachment,
} from '../internal/attachment.ts'
export { equalsConstantTime, randomToken, sha256Base64url } from '../internal/crypto/hash.ts'
export { forLog } from '../internal/for-log.ts'
export { type CookieAttributes, clearCookie, readCookie, setCookie } from '../internal/http/cookie.ts'
export { readForm, readText } from '../internal/http/form.ts'
export { isOriginForm } from '../internal/http/origin-form.ts'
export { endOfSession, expiredLimit, idleExpiry, type SessionEnds } from '../internal/lifetime.ts'
export { createLru, type Lru } from '../internal/lru.ts'
export * as option from '../internal/option-rules.ts'
export {
  invalidOptions,
  type OptionRule,
  type OptionValues,
  readOptions,
  refuseUnknown,
} from '../internal/options.ts'
export { requireOneOf } from '../internal/require-one-of.ts'
export { revokeEarlier, withUserIds } from '../internal/revoke-earlier.ts'
export { type FetchedToken, type TokenKeeper, tokenKeeper } from '../internal/token-keeper.ts'
