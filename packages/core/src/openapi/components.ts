import type { Json } from '../contracts/endpoint.ts'
import { BFF_ERROR_CODES } from '../contracts/error-codes.ts'
import { answer, object, ref, text } from '../internal/describe.ts'

/** The bodies every document has. */
export const SCHEMAS: Readonly<Record<string, Json>> = {
  Error: object(
    {
      error: { type: 'string', enum: BFF_ERROR_CODES, description: 'A stable code.' },
      message: text('What to do about it.'),
    },
    ['error', 'message'],
  ),
}

/** Replies several operations share. */
export const RESPONSES: Readonly<Record<string, Json>> = {
  Unauthorized: answer('Not signed in, or not any more.', ref('schemas', 'Error')),
  Forbidden: answer('The CSRF check refused the request.', ref('schemas', 'Error')),
  BadRequest: answer('The request is malformed.', ref('schemas', 'Error')),
  NotFound: answer('It does not exist.', ref('schemas', 'Error')),
  RateLimited: {
    description: 'Too many requests.',
    headers: {
      'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer' } },
    },
    content: { 'application/json': { schema: ref('schemas', 'Error') } },
  },
  Unavailable: {
    description: 'The session store or the identity provider does not answer. The session stays active.',
    headers: { 'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer' } } },
    content: { 'application/json': { schema: ref('schemas', 'Error') } },
  },
  NotConfigured: answer('The BFF has no identity provider that can do that.', ref('schemas', 'Error')),
  Redirect: {
    description: 'Sends the browser on.',
    headers: { Location: { description: 'Where to.', schema: { type: 'string' } } },
  },
}
