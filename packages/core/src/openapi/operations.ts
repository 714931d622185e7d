import type { Json } from './document.ts'
import { answer, ref } from './schemas.ts'

/** What a document says of one operation, besides what all have. */
export interface Described {
  readonly operationId: string
  readonly summary: string
  readonly parameters?: readonly Json[]
  readonly requestBody?: Json
  readonly responses: Readonly<Record<string, Json>>
  /** Whether it is about the session of the cookie. */
  readonly session: boolean
}

const query = (name: string, description: string, schema: Json = { type: 'string' }): Json => ({
  name,
  in: 'query',
  required: false,
  description,
  schema,
})

const form = (...names: readonly string[]): Json => ({
  required: true,
  content: {
    'application/x-www-form-urlencoded': {
      schema: {
        type: 'object',
        properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])),
      },
    },
  },
})

const RETURN_TO = query('returnTo', 'A local path to come back to.')
const SLIDE = query('slide', '`false` asks without keeping the session awake.', {
  type: 'string',
  enum: ['false'],
})

const UNAUTHORIZED = { 401: ref('responses', 'Unauthorized') }
const BAD_REQUEST = { 400: ref('responses', 'BadRequest') }
const REDIRECT = { 303: ref('responses', 'Redirect') }
const NOT_CONFIGURED = { 501: ref('responses', 'NotConfigured') }

/** By path below the base path, then by method. */
export const OPERATIONS: Readonly<Record<string, Readonly<Record<string, Described>>>> = {
  '/login': {
    GET: {
      operationId: 'bff-login',
      summary: 'Send the browser to the identity provider',
      parameters: [RETURN_TO],
      responses: {
        200: { description: 'A page that asks once more from here, after a link on another site.' },
        ...REDIRECT,
        ...BAD_REQUEST,
        ...NOT_CONFIGURED,
      },
      session: false,
    },
  },
  '/callback': {
    GET: {
      operationId: 'bff-login-callback',
      summary: 'Complete a sign-in',
      parameters: [query('code', 'From the provider.'), query('state', 'From the provider.')],
      responses: {
        200: { description: 'A page that goes on, after a redirect from another site.' },
        ...REDIRECT,
        ...BAD_REQUEST,
        ...NOT_CONFIGURED,
      },
      session: false,
    },
    POST: {
      operationId: 'bff-login-callback-form',
      summary: 'Take the response of a provider that sends a form',
      requestBody: form('code', 'state', 'iss', 'error', 'error_description', 'session_state'),
      responses: { ...REDIRECT, ...BAD_REQUEST },
      session: false,
    },
  },
  '/session': {
    GET: {
      operationId: 'bff-get-session',
      summary: 'Tell whether someone is signed in, and until when',
      parameters: [SLIDE],
      responses: { 200: answer('The session, or that there is none.', ref('schemas', 'Session')) },
      session: true,
    },
  },
  '/user': {
    GET: {
      operationId: 'bff-get-user',
      summary: "List the user's claims",
      parameters: [SLIDE],
      responses: { 200: answer('One entry for each value.', ref('schemas', 'Claims')), ...UNAUTHORIZED },
      session: true,
    },
  },
  '/refresh': {
    POST: {
      operationId: 'bff-refresh-session',
      summary: 'Refresh the access token now',
      responses: {
        200: answer('It was refreshed.', ref('schemas', 'Refreshed')),
        ...UNAUTHORIZED,
        ...NOT_CONFIGURED,
      },
      session: true,
    },
  },
  '/logout': {
    POST: {
      operationId: 'bff-logout',
      summary: 'Sign out',
      parameters: [RETURN_TO],
      responses: {
        200: answer('Signed out; also when nobody was signed in.', ref('schemas', 'LoggedOut')),
        ...BAD_REQUEST,
      },
      session: true,
    },
    GET: {
      operationId: 'bff-logout-link',
      summary: 'Sign out by the link of the `bff:logout_url` claim',
      parameters: [RETURN_TO, query('sid', 'From the link.')],
      responses: { ...REDIRECT, ...BAD_REQUEST, 403: ref('responses', 'Forbidden') },
      session: true,
    },
  },
  '/logout/callback': {
    GET: {
      operationId: 'bff-logout-callback',
      summary: "Come back from the provider's sign-out page",
      parameters: [query('state', 'From the provider.')],
      responses: REDIRECT,
      session: false,
    },
  },
  '/openapi.json': {
    GET: {
      operationId: 'bff-get-openapi',
      summary: 'This document',
      responses: { 200: answer('OpenAPI 3.1.', { type: 'object' }) },
      session: false,
    },
  },
}
