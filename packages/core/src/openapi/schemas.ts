import { BFF_ERROR_CODES } from '../contracts/error-codes.ts'
import type { Json, OpenApiDocument } from './document.ts'

export const ref = (kind: keyof OpenApiDocument['components'], name: string): Json => ({
  $ref: `#/components/${kind}/${name}`,
})

const json = (schema: Json): Json => ({ 'application/json': { schema } })

/** A reply with a JSON body. */
export const answer = (description: string, schema: Json): Json => ({ description, content: json(schema) })

const text = (description: string): Json => ({ type: 'string', description })
const time = (description: string): Json => ({ type: 'string', format: 'date-time', description })
const object = (properties: Record<string, Json>, required: readonly string[]): Json => ({
  type: 'object',
  properties,
  required,
})

const sessionView = {
  handle: text("The session's public name."),
  current: { type: 'boolean', description: 'Whether it is the session of this request.' },
} as const satisfies Record<string, Json>

/** The bodies, by name. */
export const SCHEMAS: Readonly<Record<string, Json>> = {
  Error: object(
    {
      error: { type: 'string', enum: BFF_ERROR_CODES, description: 'A stable code.' },
      message: text('What to do about it.'),
    },
    ['error', 'message'],
  ),
  Session: object(
    {
      authenticated: { type: 'boolean' },
      user_id: text('The subject.'),
      organization_id: text('The organization, where there is one.'),
      expires_at: time('When the session ends if nobody uses it.'),
      expires_in: { type: 'integer', description: 'Seconds until then.' },
      access_token_expires_at: time('When the access token expires.'),
    },
    ['authenticated'],
  ),
  Claims: {
    type: 'array',
    items: object(
      {
        type: text('The claim, such as `sub` or `bff:logout_url`.'),
        value: { description: 'Any JSON value.' },
        valueType: text('An XML Schema type, or `JSON`.'),
      },
      ['type', 'value', 'valueType'],
    ),
  },
  LoggedOut: object(
    {
      message: text('For people.'),
      logout_url: text('Where to send the browser to sign out at the provider too.'),
    },
    ['message'],
  ),
  Refreshed: object(
    {
      message: text('For people.'),
      expires_at: { type: 'integer', description: 'When the access token expires, epoch seconds.' },
    },
    ['message', 'expires_at'],
  ),
  SessionSummary: object(sessionView, Object.keys(sessionView)),
}

/** Replies several operations share. */
export const RESPONSES: Readonly<Record<string, Json>> = {
  Unauthorized: answer('Not signed in, or not any more.', ref('schemas', 'Error')),
  Forbidden: answer('The CSRF check refused the request.', ref('schemas', 'Error')),
  BadRequest: answer('The request is malformed.', ref('schemas', 'Error')),
  NotFound: answer('There is no such thing.', ref('schemas', 'Error')),
  RateLimited: {
    description: 'Too many requests.',
    headers: {
      'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer' } },
    },
    content: json(ref('schemas', 'Error')),
  },
  Unavailable: {
    description: 'The session store or the identity provider does not answer. The session lives on.',
    headers: { 'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer' } } },
    content: json(ref('schemas', 'Error')),
  },
  NotConfigured: answer('No identity provider that can do that.', ref('schemas', 'Error')),
  Redirect: {
    description: 'Sends the browser on.',
    headers: { Location: { description: 'Where to.', schema: { type: 'string' } } },
  },
}
