import type { Json } from '../contracts/endpoint.ts'

/** A reference to a component of the document. */
export const ref = (kind: 'responses' | 'schemas' | 'parameters', name: string): Json => ({
  $ref: `#/components/${kind}/${name}`,
})

/** A reply with a JSON body. */
export const answer = (description: string, schema: Json): Json => ({
  description,
  content: { 'application/json': { schema } },
})

/** An optional query parameter. */
export const query = (name: string, description: string, schema: Json = { type: 'string' }): Json => ({
  name,
  in: 'query',
  required: false,
  description,
  schema,
})

export const text = (description: string): Json => ({ type: 'string', description })
export const time = (description: string): Json => ({ type: 'string', format: 'date-time', description })
export const object = (properties: Readonly<Record<string, Json>>, required: readonly string[]): Json => ({
  type: 'object',
  properties,
  required,
})

export const UNAUTHORIZED = { 401: ref('responses', 'Unauthorized') }
export const BAD_REQUEST = { 400: ref('responses', 'BadRequest') }
export const REDIRECT = { 303: ref('responses', 'Redirect') }
export const NOT_CONFIGURED = { 501: ref('responses', 'NotConfigured') }

/** A form in a request's body. */
export const form = (...names: readonly string[]): Json => ({
  required: true,
  content: {
    'application/x-www-form-urlencoded': {
      schema: object(Object.fromEntries(names.map((name) => [name, { type: 'string' }])), []),
    },
  },
})
