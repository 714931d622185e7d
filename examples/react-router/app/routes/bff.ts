/** The endpoints of the BFF and the proxied API: the middleware answers, and no loader is needed. */
export { middleware } from '../bff.server.ts'
