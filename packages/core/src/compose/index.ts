/**
 * `@bff/core/compose`: the pieces of a BFF on their own, for apps that put them together themselves.
 *
 * @module
 */

export { createMiddleware, type SessionMiddleware } from './middleware.ts'
export { type OriginCheckOptions, type OriginOptions, originCheck, originValidator } from './origin-check.ts'
export { type SessionCookie, type SessionCookieOptions, sessionCookie } from './session-cookie.ts'
export { type Handler, type Middleware, stack } from './stack.ts'
