import type { Reply } from './reply.ts'
import type { RequestView } from './request-view.ts'

/** One of the BFF's own paths. */
export interface Endpoint {
  /** The handlers by method; any other method answers 405. */
  readonly methods: Readonly<Record<string, (request: RequestView, query: URLSearchParams) => Promise<Reply>>>
  /** Methods with their own protection in place of the CSRF header: navigations, and calls by servers (BFF-10). */
  readonly csrfExempt?: readonly string[]
  /** Methods that a form of the app's own pages may send, too: a form cannot set the CSRF header. @default none */
  readonly formMethods?: readonly string[]
  /**
   * Whether GET, as a navigation, changes something. The endpoint then has no HEAD, which programs send as a probe. @default
   * false
   */
  readonly getChanges?: boolean
  /**
   * How often a client may call the endpoint; `rateLimit()` of `@bff/core/rate-limit` reads it. `none` is for an endpoint
   * that does nothing of cost before it has checked a proof, and whose callers take 429 for an end. @default a bucket shared
   * with other endpoints
   */
  readonly limit?: EndpointLimit | 'none'
  /**
   * Describes the endpoint by method, for `openapi()` of `@bff/core/openapi`. Called when a client requests the document, so
   * it can be loaded on demand. @default its path and methods
   */
  describe?(): EndpointDescriptions | Promise<EndpointDescriptions>
}

/** How a rate limit treats an endpoint. */
export interface EndpointLimit {
  /** The name of its bucket; endpoints with the same name share it. */
  readonly bucket: string
  /** `api` for calls by servers, which may come many at once. @default `person` */
  readonly callers?: 'person' | 'api'
  /**
   * Whether the endpoint refuses a GET that no user has opened (a prefetch, frame or image), so that it is not counted.
   * @default false
   */
  readonly ignoreUnopened?: boolean
}

/** Any JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** By method, as in {@link Endpoint.methods}. */
export type EndpointDescriptions = Readonly<Record<string, EndpointDescription>>

/** Describes one operation in an OpenAPI 3.1 document, except for the parts that all operations share. */
export interface EndpointDescription {
  /** Unique among all operations. */
  readonly operationId: string
  readonly summary: string
  /** Parameter objects (OpenAPI 3.1 §4.8.12). */
  readonly parameters?: readonly Json[]
  /** A request body object (§4.8.13). */
  readonly requestBody?: Json
  /**
   * Response objects by status (§4.8.17). Those of a failed CSRF check (403), a limit (429) and an outage (503) are added.
   * The document also has the components `#/components/responses/Unauthorized`, `BadRequest`, `NotFound`, `NotConfigured`
   * and `Redirect`.
   */
  readonly responses: Readonly<Record<string, Json>>
  /** Schemas that the members above refer to, by name, for `#/components/schemas`. @default none */
  readonly schemas?: Readonly<Record<string, Json>>
  /** Whether the operation concerns the session of the cookie. */
  readonly session: boolean
}
