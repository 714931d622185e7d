import type { RequestView } from '../contracts/request-view.ts'

/** The content types that a page can send without a CORS preflight (Fetch standard, "CORS-safelisted"); also without one. */
const FORM_TYPES = ['', 'application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain']
const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS']

/** Whether the request promises to change nothing (RFC 9110 §9.2.1). */
export const isSafe = ({ method }: RequestView): boolean => SAFE_METHODS.includes(method)

/** Whether a page of another site could have sent this request without a CORS preflight. */
export function isFormPost(request: RequestView): boolean {
  const [type = ''] = (request.header('content-type') ?? '').split(';', 1)
  return !isSafe(request) && FORM_TYPES.includes(type.trim().toLowerCase())
}
