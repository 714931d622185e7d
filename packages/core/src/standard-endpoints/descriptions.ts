import type { EndpointDescriptions } from '../contracts/endpoint.ts'
import {
  answer,
  BAD_REQUEST,
  form,
  NOT_CONFIGURED,
  object,
  query,
  REDIRECT,
  ref,
  text,
  time,
  UNAUTHORIZED,
} from '../internal/describe.ts'

const RETURN_TO = query('returnTo', 'The local path to return to.')
const SLIDE = query('slide', '`false` does not count as a use of the session.', {
  type: 'string',
  enum: ['false'],
})

export const LOGIN: EndpointDescriptions = {
  GET: {
    operationId: 'bff-login',
    summary: 'Send the browser to the identity provider',
    parameters: [RETURN_TO],
    responses: {
      200: { description: 'A page that repeats the request from this origin, after a link on another site.' },
      ...REDIRECT,
      ...BAD_REQUEST,
      ...NOT_CONFIGURED,
    },
    session: false,
  },
}

export const CALLBACK: EndpointDescriptions = {
  GET: {
    operationId: 'bff-login-callback',
    summary: 'Complete a sign-in',
    parameters: [query('code', 'From the provider.'), query('state', 'From the provider.')],
    responses: {
      200: { description: 'A page that continues, after a redirect from another site.' },
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
}

export const SESSION: EndpointDescriptions = {
  GET: {
    operationId: 'bff-get-session',
    summary: 'Tell whether a user is signed in, and until when',
    parameters: [SLIDE],
    responses: { 200: answer('Whether there is a session, and its data.', ref('schemas', 'Session')) },
    schemas: {
      Session: object(
        {
          authenticated: { type: 'boolean' },
          user_id: text('The subject.'),
          organization_id: text('The organization, if there is one.'),
          expires_at: time('When the session expires without another use.'),
          expires_in: { type: 'integer', description: 'Seconds until then.' },
          access_token_expires_at: time('When the access token expires.'),
          metadata: {
            type: 'object',
            description: "Those members of the session's metadata that `session.publicMetadata` lists.",
          },
          error: text('Why a session that exists is refused to this request, such as `device_unproven`.'),
        },
        ['authenticated'],
      ),
    },
    session: true,
  },
}

export const USER: EndpointDescriptions = {
  GET: {
    operationId: 'bff-get-user',
    summary: "List the user's claims",
    parameters: [SLIDE],
    responses: { 200: answer('One entry for each value.', ref('schemas', 'Claims')), ...UNAUTHORIZED },
    schemas: {
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
    },
    session: true,
  },
}

export const REFRESH: EndpointDescriptions = {
  POST: {
    operationId: 'bff-refresh-session',
    summary: 'Refresh the access token now',
    responses: {
      200: answer('It was refreshed.', ref('schemas', 'Refreshed')),
      ...UNAUTHORIZED,
      ...NOT_CONFIGURED,
    },
    schemas: {
      Refreshed: object(
        {
          message: text('For people.'),
          expires_at: { type: 'integer', description: 'When the access token expires, epoch seconds.' },
        },
        ['message', 'expires_at'],
      ),
    },
    session: true,
  },
}

export const LOGOUT: EndpointDescriptions = {
  POST: {
    operationId: 'bff-logout',
    summary: 'Sign out: by a script, with the CSRF header, or by a form of the app, which is redirected',
    parameters: [RETURN_TO],
    responses: {
      200: answer('Signed out; also when nobody was signed in.', ref('schemas', 'LoggedOut')),
      ...REDIRECT,
      ...BAD_REQUEST,
    },
    schemas: {
      LoggedOut: object(
        {
          message: text('For people.'),
          logout_url: text('Where to send the browser to sign out at the provider too.'),
        },
        ['message'],
      ),
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
}

export const LOGOUT_CALLBACK: EndpointDescriptions = {
  GET: {
    operationId: 'bff-logout-callback',
    summary: "Come back from the provider's sign-out page",
    parameters: [query('state', 'From the provider.')],
    responses: REDIRECT,
    session: false,
  },
}
