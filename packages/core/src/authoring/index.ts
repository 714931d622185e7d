/**
 * `@bff/core/authoring`: what authors of plugins, stores, identity providers and HTTP adapters build with. The contracts
 * they implement are types of `@bff/core`.
 *
 * @module
 */
export { forLog } from '../internal/for-log.ts'
export { type CookieAttributes, clearCookie, readCookie, setCookie } from '../internal/http/cookie.ts'
export { readForm } from '../internal/http/form.ts'
export { isOriginForm } from '../internal/http/origin-form.ts'
export { streamOf } from '../internal/http/web.ts'
export { endOfSession, expiredLimit, idleExpiry, type SessionEnds } from '../internal/lifetime.ts'
export { createLru, type Lru } from '../internal/lru.ts'
export * as option from '../internal/option-rules.ts'
export { type OptionRule, type OptionValues, readOptions, refuseUnknown } from '../internal/options.ts'
