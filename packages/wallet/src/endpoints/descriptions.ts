import type { EndpointDescriptions, Json } from '@bff/core'

const text: Json = { type: 'string' }

const object = (properties: Readonly<Record<string, Json>>, required: readonly string[] = []): Json => ({
  type: 'object',
  properties,
  required,
})

const json = (schema: Json): Json => ({ 'application/json': { schema } })
const body = (schema: Json): Json => ({ required: true, content: json(schema) })
const answer = (description: string, schema: Json): Json => ({ description, content: json(schema) })

const REFUSED = answer('Refused, with the reason.', object({ error: text }, ['error']))
const PAIR = answer(
  'A pair of tokens.',
  object({ access_token: text, refresh_token: text }, ['access_token', 'refresh_token']),
)

export const CHALLENGE: EndpointDescriptions = {
  POST: {
    operationId: 'wallet-challenge',
    summary: 'Ask for a message to sign',
    requestBody: {
      required: false,
      content: json(object({ address: text, chain_id: { type: 'integer' } })),
    },
    responses: {
      200: answer('A token whose claims hold the message.', object({ token: text }, ['token'])),
      400: REFUSED,
    },
    session: false,
  },
}

export const LOGIN: EndpointDescriptions = {
  POST: {
    operationId: 'wallet-login',
    summary: 'Sign in with a signed message',
    requestBody: body(
      object({ challenge: text, signature: text, address: text }, ['challenge', 'signature', 'address']),
    ),
    responses: {
      200: answer(
        'A pair of tokens or, with tokens in a session, the address.',
        object({ access_token: text, refresh_token: text, address: text }),
      ),
      400: REFUSED,
      401: REFUSED,
    },
    session: false,
  },
}

export const REFRESH: EndpointDescriptions = {
  POST: {
    operationId: 'wallet-refresh',
    summary: 'Exchange a refresh token for the next pair',
    requestBody: body(object({ refresh_token: text }, ['refresh_token'])),
    responses: { 200: PAIR, 400: REFUSED, 401: REFUSED },
    session: false,
  },
}

export const LOGOUT: EndpointDescriptions = {
  POST: {
    operationId: 'wallet-logout',
    summary: 'End the sign-in that two tokens belong to',
    requestBody: body(object({ refresh_token: text, access_token: text }, ['refresh_token', 'access_token'])),
    responses: {
      200: answer('Signed out.', object({ message: text }, ['message'])),
      400: REFUSED,
      401: REFUSED,
    },
    session: false,
  },
}

export const ME: EndpointDescriptions = {
  GET: {
    operationId: 'wallet-me',
    summary: "Return the address of the access token's user",
    responses: { 200: answer('The address.', object({ address: text }, ['address'])), 401: REFUSED },
    session: false,
  },
}

export const AUTHORIZE: EndpointDescriptions = {
  GET: {
    operationId: 'wallet-authorize',
    summary: 'Tell a reverse proxy whether a request is signed in',
    responses: { 200: { description: 'It is.' }, 401: REFUSED },
    session: true,
  },
}

export const JWKS: EndpointDescriptions = {
  GET: {
    operationId: 'wallet-jwks',
    summary: 'List the public keys of tokens (RFC 7517)',
    responses: {
      200: {
        description: 'A key set.',
        content: { 'application/jwk-set+json': { schema: { type: 'object' } } },
      },
    },
    session: false,
  },
}
