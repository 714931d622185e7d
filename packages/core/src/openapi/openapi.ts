import type { Endpoint, EndpointDescription, EndpointDescriptions, Json } from '../contracts/endpoint.ts'
import type { PluginContext, PluginFactory } from '../contracts/plugin.ts'
import { answer, ref } from '../internal/describe.ts'
import { sameSiteText } from '../internal/http/cookie.ts'
import { jsonReply } from '../internal/http/replies.ts'
import { refuseUnknown } from '../internal/options.ts'
import { RESPONSES, SCHEMAS } from './components.ts'
import type { OpenApiDocument, OpenApiOperation } from './document.ts'

export interface OpenApiOptions {
  /** The title of the document. @default `BFF` */
  readonly title?: string
  /** The version of your API. @default `1.0.0` */
  readonly version?: string
  /** The tags of every operation. @default `['BFF']` */
  readonly tags?: readonly string[]
  /** The rate limit to document for every operation: the values of your own limit. @default none */
  readonly rateLimit?: { readonly requestsPerMinute: number; readonly burst: number }
}

const DEFAULTS = { title: 'BFF', version: '1.0.0', tags: ['BFF'] } as const
const KEYS = [...Object.keys(DEFAULTS), 'rateLimit']

const DESCRIPTIONS: EndpointDescriptions = {
  GET: {
    operationId: 'bff-get-openapi',
    summary: 'This document',
    responses: { 200: answer('OpenAPI 3.1.', { type: 'object' }) },
    session: false,
  },
}

const SCHEME = 'bff-session'

/**
 * Serves the document at `GET <base path>/openapi.json` to every client: it contains no secrets.
 *
 * @throws BffError `invalid_config` for an unknown option
 * @example
 * ```ts
 * import { createBff, generateEncryptionKey } from '@bff/core'
 * import { openapi } from '@bff/core/openapi'
 * import { memoryStore } from '@bff/store-memory'
 *
 * const bff = createBff({
 *   origin: 'https://app.example.com',
 *   store: memoryStore(),
 *   encryptionKeys: [generateEncryptionKey()],
 *   plugins: [openapi({ title: 'Orders BFF' })],
 * })
 * ```
 */
export function openapi(options: OpenApiOptions = {}): PluginFactory {
  refuseUnknown('openapi', options, KEYS)
  return (context) => {
    const path = `${context.options.basePath}/openapi.json`
    let document: Promise<OpenApiDocument> | undefined
    const endpoint: Endpoint = {
      methods: {
        async GET() {
          document ??= openapiDocument(context, options).catch((error: unknown) => {
            // A description that could not be loaded is asked for again.
            document = undefined
            throw error
          })
          return jsonReply(200, await document)
        },
      },
      csrfExempt: ['GET'],
      limit: { bucket: 'openapi.json' },
      describe: () => DESCRIPTIONS,
    }
    return { endpoints: { [path]: endpoint } }
  }
}

/**
 * Makes the document of a BFF from its configuration: its endpoints and those of its plugins, its cookie and its CSRF
 * header. Pass the `context` that a plugin receives.
 *
 * @throws BffError `invalid_config` for an unknown option
 */
export async function openapiDocument(
  context: PluginContext,
  options: OpenApiOptions = {},
): Promise<OpenApiDocument> {
  refuseUnknown('openapi', options, KEYS)
  const { title, version, tags, rateLimit } = { ...DEFAULTS, ...options }
  const { origin, cookieName, secure, sessionCookie, csrf } = context.options

  function operation(
    path: string,
    method: string,
    { csrfExempt = [] }: Endpoint,
    known: EndpointDescription | undefined,
  ): OpenApiOperation {
    const guarded = !csrfExempt.includes(method)
    const {
      session,
      parameters = [],
      responses,
      schemas: _,
      ...described
    } = known ?? undescribed(path, method)
    const all = [...parameters, ...(guarded ? [ref('parameters', 'Csrf')] : [])]
    return {
      ...described,
      tags,
      ...(all.length > 0 && { parameters: all }),
      responses: {
        ...responses,
        ...(guarded && { 403: ref('responses', 'Forbidden') }),
        ...(rateLimit !== undefined && { 429: ref('responses', 'RateLimited') }),
        503: ref('responses', 'Unavailable'),
      },
      security: session ? [{ [SCHEME]: [] }, {}] : [{}],
      'x-internal': false,
      'x-cookie-auth': session,
      'x-csrf-protected': guarded,
      ...(rateLimit !== undefined && limits(rateLimit)),
    }
  }

  const paths: Record<string, Record<string, OpenApiOperation>> = {}
  const schemas: Record<string, Json> = { ...SCHEMAS }
  for (const [path, endpoint] of context.endpoints) {
    const descriptions = (await endpoint.describe?.()) ?? {}
    const item: Record<string, OpenApiOperation> = {}
    for (const method of Object.keys(endpoint.methods)) {
      item[method.toLowerCase()] = operation(path, method, endpoint, descriptions[method])
      Object.assign(schemas, descriptions[method]?.schemas)
    }
    paths[path.replace(/\/\*$/, '/{id}')] = item
  }
  return {
    openapi: '3.1.0',
    info: { title, version },
    servers: [{ url: origin }],
    paths,
    components: {
      securitySchemes: {
        [SCHEME]: {
          type: 'apiKey',
          in: 'cookie',
          name: cookieName,
          'x-cookie-httponly': true,
          'x-cookie-secure': secure,
          'x-cookie-samesite': sameSiteText(sessionCookie.sameSite),
        },
      },
      schemas,
      responses: RESPONSES,
      parameters: {
        Csrf: {
          name: csrf.headerName,
          in: 'header',
          required: true,
          description: 'Proves that a page of this origin makes the request: no other page can send it.',
          schema: { type: 'string', const: csrf.headerValue },
        },
      },
    },
  }
}

/** An endpoint without a description: only its methods are known. */
function undescribed(path: string, method: string): EndpointDescription {
  const name = path.replace(/\W+/g, '-').replace(/^-|-$/g, '')
  return {
    operationId: `${method.toLowerCase()}-${name}`,
    summary: `${method} ${path}`,
    ...(path.endsWith('/*') && { parameters: [ID] }),
    responses: { default: { description: 'Not described.' } },
    session: true,
  }
}

const ID: Json = { name: 'id', in: 'path', required: true, schema: { type: 'string' } }

function limits({ requestsPerMinute, burst }: Required<OpenApiOptions>['rateLimit']) {
  return {
    'x-ratelimit-limit': requestsPerMinute,
    'x-ratelimit-burst': burst,
    'x-ratelimit-window': '1m',
    'x-ratelimit-description': `${requestsPerMinute} requests a minute, ${burst} at once`,
  } as const
}
