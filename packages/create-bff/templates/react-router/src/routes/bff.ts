/** The endpoints of the BFF and the API: the middleware answers, and no loader is needed. */
export { middleware } from '../session.server.ts'
