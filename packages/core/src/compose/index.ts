/**
 * `@bff/core/compose`: the pieces of a BFF on their own, for apps that put them together themselves.
 *
 * @module
 */

export { type Handler, type Layer, stack } from './layer.ts'
export { type OriginCheckOptions, type OriginOptions, originCheck, originValidator } from './origin-check.ts'
export { type BffParts, createParts, type PartsConfig } from './parts.ts'
export { type SessionCookie, type SessionCookieOptions, sessionCookie } from './session-cookie.ts'
