/**
 * `@bff/core/compose`: the parts of a BFF, for apps that combine them themselves.
 *
 * @module
 */

export { createMiddleware, type SessionMiddleware } from './middleware.ts'
export { type OriginCheckOptions, type OriginOptions, originCheck, originValidator } from './origin-check.ts'
export { type SessionCookie, type SessionCookieOptions, sessionCookie } from './session-cookie.ts'
export { type Handler, type Middleware, stack } from './stack.ts'
